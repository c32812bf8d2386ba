"""What commands print for people."""

import pytest

from hub.cli.console import people, print_figures, print_rows

NAME = "shelf [/b] [red]"
"""As a supplier may call anything; as markup it would be an error, or be swallowed."""


def test_names_in_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    people.print(NAME)
    print_figures(NAME, {NAME: NAME})
    print_rows(NAME, ("name",), [{"name": NAME}])
    assert capsys.readouterr().out.count(NAME) == 6
