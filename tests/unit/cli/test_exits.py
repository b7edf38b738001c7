"""Exit codes."""

import pytest
import typer

from ionworks.cli.exits import reported
from ionworks.cli.output import Output


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, typer.Abort])
def test_ctrl_c_has_its_exit_code_also_at_a_question(interruption):
    with pytest.raises(typer.Exit) as ended, reported(Output()):
        raise interruption
    assert ended.value.exit_code == 130
