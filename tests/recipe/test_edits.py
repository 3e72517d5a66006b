"""Recipes as slips of the hand leave them: each one loads, or is refused in one line; no traceback, no hang."""

import random

import pytest

from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.registry import RecipeError

WORDS = [
    "null", "true", "-1", "1e999", ".nan", "[]", "{}", "''", "~", "!!int", "!!float", "!!bool x", "!!str", "!!null [a]",
    "&a", "*a", "<<:", "? ", "- ", ": ", "{a: &b [*b]}", "[[[[", "}}", "\"\\ud800\"", "'", '"', "\\x00",
    "\t", "|", ">", "%",
    "@", "`", "!!python/object:os.system x", "9" * 5000, "🙂", "\u2028", "\x85", "2026-11-23", "1:30", "0x_", "=", "#",
    "name: x", "train: {steps: []}", "data: {name: {}}", "profiles: [cpu]", "base: ../x",
    "metrics: {measure: {kid: 1}}",
]  # fmt: skip


def edited(text: str, chance: random.Random) -> str:
    """A text after one to four slips: lines lost, doubled, swapped, indented, cut; words exchanged or thrown in."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        slip = chance.randrange(8)
        if slip == 0:
            del lines[at]
        elif slip == 1:
            lines.insert(other, lines[at])
        elif slip == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif slip == 3:
            lines[at] = " " * chance.randint(1, 5) + lines[at]
        elif slip == 4:
            lines[at] = lines[at].partition(":")[0] + ": " + chance.choice(WORDS)
        elif slip == 5:
            place = chance.randint(0, len(lines[at]))
            lines[at] = lines[at][:place] + chance.choice(WORDS) + lines[at][place:]
        elif slip == 6:
            lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
        else:
            lines[at] = lines[at].replace(chance.choice(":[]{},-"), chance.choice([*":[]{},- ", ""]))
        text = "\n".join(lines) or "x"
    return text


@pytest.mark.parametrize("seed", range(150))
def test_an_edited_recipe_loads_or_is_one_line(seed, tmp_path):
    chance = random.Random(seed)
    source = chance.choice(list(carried_recipes().values()))
    text = edited((source / "recipe.yaml").read_text(), chance)
    if chance.random() < 0.5:
        base = chance.choice(["image_cyclegan", "text_cyclegan", "image_pix2pix"])
        text = edited((source.parents[1] / "configs" / f"{base}.yaml").read_text(), chance)
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    for profile in (None, "cpu"):
        try:
            recipe = load_recipe(tmp_path, profile=profile)
        except RecipeError as refused:
            words = " ".join(str(refused).split())
            assert words.startswith(str(tmp_path / "recipe.yaml")), words
        else:
            assert recipe.dump()


def test_edits_reach_both_ends(tmp_path):
    """Of many edits some load and some are refused, or the test above would show nothing."""
    outcomes = set()
    for seed in range(40):
        text = (carried_recipes()["monet2photo"] / "recipe.yaml").read_text()
        (tmp_path / "recipe.yaml").write_text(edited(text, random.Random(seed)), encoding="utf-8")
        try:
            load_recipe(tmp_path)
            outcomes.add("loads")
        except RecipeError:
            outcomes.add("is refused")
    assert outcomes == {"loads", "is refused"}
