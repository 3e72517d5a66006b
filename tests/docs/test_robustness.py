"""The table of docs/robustness.md is the script's: of all that it tries and of nothing else, without a defect."""

from tests import robustness


def test_the_page_has_a_line_for_everything_that_is_tried():
    table = robustness.PAGE.read_text().partition(robustness.BEGIN)[2].partition(robustness.END)[0]
    _, _, *lines = (line.strip("|").split("|") for line in table.split("\n") if line)
    assert [line[0].strip() for line in lines] == [" ".join(trial.__doc__.split()) for trial in robustness.TRIALS]
    for line in lines:
        counts = [int(each.rpartition(": ")[2].replace(",", "")) for each in line[2].split(", ") if ": " in each]
        assert sum(counts) == int(line[1].replace(",", "")) > 0
        assert "**" not in line[2]


def test_what_happens_is_told_apart():
    def raises(error):
        def work():
            raise error

        return work

    told = [robustness.outcome(raises(error), "fine") for error in (robustness.RecipeError("x"), KeyError("x"))]
    assert [*told, robustness.outcome(lambda: None, "fine")] == [robustness.ONE_LINE, robustness.ELSE, "fine"]
