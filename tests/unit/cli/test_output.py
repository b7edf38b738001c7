"""What is written to standard output."""

from ionworks.cli.output import Output


def test_a_text_is_written_as_it_is_for_another_program(capsys):
    text = "steps:\n\t- Rest  \n"
    Output().result(text, lambda: text)
    assert capsys.readouterr().out == text
