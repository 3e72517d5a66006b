"""Begin a run from weights: open what `train.start_from` names, pair its networks with the run's, load what fits."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from cyclekit.core.batch import Pair
from cyclekit.core.capabilities import Worded
from cyclekit.core.parts import Codec, Data, Networks
from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint, history
from cyclekit.starting.fitting import Fit, differing_options, fit_tensors
from cyclekit.starting.pairing import Taken, paired
from cyclekit.starting.sources import Source, TrainedPart, open_weights

Sources = Source | dict[str, Source]


class Started(NamedTuple):
    """What a run started from."""

    loaded: list[str]
    """What was loaded from where, one line for each network."""
    fresh: list[str]
    """What was not, and begins as without any weights; and what else to know."""
    record: dict[str, Any]
    """For the run's recipe.yaml: checksums, and the names of all tensors that begin fresh."""

    @property
    def lines(self) -> list[str]:
        """All there is to say."""
        return [*self.loaded, *self.fresh]


def left_alone(run_folder: Path) -> Started:
    """What to say where a run folder serves as a recipe, and its weights are not used."""
    start = f"train.start_from={shlex.quote(str(run_folder))}"
    told = f"of the run {run_folder} the settings alone are taken; {start} starts from its weights"
    return Started([], [told], {})


def opened(recipe: Recipe, data: Data) -> Sources | None:
    """What `train.start_from` names; None where it names nothing.

    Sentences follow their source's vocabulary: the networks know no other.

    Raises:
        RecipeError: as `open_source`; or a source of another modality.
    """
    wanted = recipe.train.start_from
    if wanted is None:
        return None
    modality = data.codecs.a.name
    if isinstance(wanted, str):
        source = _of_modality(open_weights(wanted, modality), data)
        if _vocabulary(data.codecs.a):
            _take_vocabulary(recipe, source, data)
        return source
    if _vocabulary(data.codecs.a):
        raise RecipeError(
            "train.start_from: sentences start from one run in both directions, for its vocabulary goes with its "
            "weights; give that run alone"
        )
    return {name: _of_modality(open_weights(each, modality), data) for name, each in wanted.items()}


def take_codecs(run_folder: Path, data: Data) -> None:
    """Give data the vocabulary that a run which started from weights has been trained with."""
    if _vocabulary(data.codecs.a) and history.steps(run_folder):
        data.use(checkpoint.load_codecs(history.latest(run_folder)))  # type: ignore[attr-defined]


def begin(recipe: Recipe, sources: Sources, networks: Networks, codecs: Pair[Codec], makes: tuple[str, ...]) -> Started:
    """Load into the networks what fits.

    Args:
        codecs: of the data that the run is trained on.

    Raises:
        RecipeError: a generator of the source fits nowhere, or nothing is there for any of the run's.
    """
    domains = Pair(recipe.domains.a, recipe.domains.b)
    taken, notes = paired(domains, makes, sources)
    loaded: list[str] = []
    fresh = list(notes)
    names: dict[str, list[str]] = {}
    for domain in reversed(makes):
        for side, kind, choice in _sides(recipe):
            network = getattr(getattr(networks, side), domain)
            verb = "makes" if side == "generators" else "judges"
            what = f"the {kind} that {verb} {getattr(domains, domain)}"
            weights = _weights(side, taken.get(domain))
            if weights is None or domain not in taken:
                shared = domain not in taken and _shared(getattr(networks, side), list(taken))
                if not shared:
                    of = f"; {taken[domain].source.name} has none" if domain in taken else ""
                    fresh.append(f"{what} starts fresh{of}")
                    names[f"{side}.{domain}"] = ["all"]
                continue
            source = taken[domain].source
            there = source.generator if side == "generators" else source.discriminator
            found = fit_tensors(network, weights)
            other = {} if there is None else differing_options(kind, there, choice)
            if side == "generators":
                _refuse_misfit(what, source, there, other, found)
            whole = not (found.fresh or found.unused or other)
            average = ", moving average" if side == "generators" and source.averaged else ""
            line = f"{what}: from {source.words}{average}: {found.told()}{_told(kind, there, other)}"
            (loaded if whole else fresh).append(line)
            if found.fresh:
                names[f"{side}.{domain}"] = found.fresh
    fresh += _read_otherwise(taken, codecs)
    files = {f"{each.source.name}/{file}": sha for each in taken.values() for file, sha in each.source.files.items()}
    _compare(recipe, files, fresh)
    return Started(loaded, fresh, {"sha256": files, "fresh": names})


def _sides(recipe: Recipe) -> list[tuple[str, str, PartChoice]]:
    return [("generators", "generator", recipe.generator), ("discriminators", "discriminator", recipe.discriminator)]


def _weights(side: str, taken: Taken | None) -> Mapping[str, Any] | None:
    return None if taken is None else getattr(taken.source, side).get(taken.domain)


def _shared(networks: Pair[nn.Module | None], loaded: list[str]) -> bool:
    """Whether all networks of a side have the weights of one that was loaded."""
    sides = [{id(p) for p in network.parameters()} for network in networks if network is not None]
    return bool(loaded) and len(sides) == 2 and sides[0] == sides[1]


def _refuse_misfit(what: str, source: Source, there: TrainedPart | None, other: Mapping[str, Any], found: Fit) -> None:
    """A generator of which nothing fits, or that is another part and fits by chance, starts nothing."""
    if found.loaded and not ("name" in other and (found.fresh or found.unused)):
        return
    raise RecipeError(f"train.start_from: {source.name}: {what}: nothing of it fits{_told('generator', there, other)}")


def _told(kind: str, there: TrainedPart | None, other: Mapping[str, tuple[Any, Any]]) -> str:
    """How a part of the source differs from this recipe's, and the settings that would make it the same."""
    if there is None or not other:
        return ""
    differing = ", ".join(f"{key} {theirs} (here {ours})" for key, (theirs, ours) in other.items())
    wanted = {"name": there.name, **there.options} if "name" in other else {key: other[key][0] for key in other}
    settings = " ".join(f"{kind}.{key}={'null' if value is None else value}" for key, value in wanted.items())
    return f"; it has {differing}; as there: {settings}"


def _of_modality(source: Source, data: Data) -> Source:
    """Refuse sentences for pictures and the other way round."""
    if source.codecs is not None:
        theirs, ours = source.codecs.a, data.codecs.a
        if theirs.name != ours.name and not (_vocabulary(theirs) and _vocabulary(ours)):
            raise RecipeError(
                f"train.start_from: {source.name}: its networks read '{theirs.name}', and this recipe's '{ours.name}'"
            )
    return source


def _take_vocabulary(recipe: Recipe, source: Source, data: Any) -> None:
    assert source.codecs is not None, "sentences start from runs alone"
    assert source.domains is not None
    if source.domains.b == recipe.domains.a or source.domains.a == recipe.domains.b:
        raise RecipeError(
            f"train.start_from: {source.name}: its a is {source.domains.a} and its b {source.domains.b}, and its "
            "network knows them by that; give this recipe's domains, and its data, in the same order"
        )
    data.use(source.codecs)


def _vocabulary(codec: Codec) -> bool:
    """Whether what a codec makes of an item depends on a vocabulary."""
    return isinstance(codec, Worded)


def _read_otherwise(taken: Mapping[str, Taken], codecs: Pair[Codec]) -> list[str]:
    """What to say where a source's networks know numbers of another range or number than this run's data gives."""
    told: dict[str, None] = {}
    for ours, (source, theirs) in taken.items():
        other = {"a": "b", "b": "a"}
        for here, there in ((ours, theirs), (other[ours], other[theirs])):
            if source.codecs is None or _vocabulary(getattr(codecs, here)):
                continue
            settings = [_written(getattr(pair, domain)) for pair, domain in ((source.codecs, there), (codecs, here))]
            if settings[0] != settings[1]:
                told[f"{source.name} was trained on data read as {settings[0]}; here it is {settings[1]}"] = None
    return list(told)


def _written(codec: Codec) -> str:
    """A codec's settings, as it saves them."""
    with tempfile.TemporaryDirectory() as folder:
        codec.save(Path(folder))
        return (Path(folder) / "codec.json").read_text(encoding="utf-8").strip()


def _compare(recipe: Recipe, files: Mapping[str, str], fresh: list[str]) -> None:
    """Say where a recipe that a run left was started from other weights than are there now."""
    before = (recipe.started or {}).get("sha256", {})
    changed = [name for name, sha in before.items() if files.get(name, sha) != sha]
    if changed:
        fresh.append(f"{' and '.join(changed)}: not the weights that this recipe's run started from (other SHA-256)")
