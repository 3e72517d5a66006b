"""Commands that were meant, by their spelling or by what other tools call them."""

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.cli.__init__ import app
from cyclekit.cli.group import ELSEWHERE
from tests.commands import call, mistake

COMMANDS = ["run", "translate", "evaluate", "report", "compare", "check", "show", "list", "new", "import", "data"]


def test_every_word_of_other_tools_leads_to_a_command_that_is_there():
    for word, meant in ELSEWHERE.items():
        assert word not in COMMANDS
        assert call(*meant.split()[:2], "--help").status == 0, word


@given(st.sampled_from(COMMANDS), st.data())
def test_a_command_with_one_letter_wrong_is_recognised(name, drawn):
    place = drawn.draw(st.integers(0, len(name) - 1))
    typed = drawn.draw(st.sampled_from([name[:place] + "q" + name[place:], name[:place] + name[place + 1 :]]))
    if typed and typed not in COMMANDS and typed not in ELSEWHERE:
        group = typer.main.get_command(app)
        with pytest.raises(Exception, match="No such command") as refused:
            group.resolve_command(group.make_context("cyclekit", ["run"], resilient_parsing=False), [typed])
        assert "; did you mean '" in str(refused.value)


def test_words_of_other_tools_are_of_the_top_alone():
    assert "did you mean 'run'" in mistake(call("train"))
    assert mistake(call("data", "train")) == "No such command 'train'; see cyclekit data --help"
    assert mistake(call("data", "chekc")) == "No such command 'chekc'; did you mean 'check'?; see cyclekit data --help"
