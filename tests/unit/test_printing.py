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


def test_what_is_short_stays_in_one_line_beside_what_is_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "width", 60)
    row = {"at": "2026-11-22T17:38:32Z", "type": "order.shipped", "problem": "no item has it " * 20}
    print_rows("Dead letters", (*row,), [row])
    shown = capsys.readouterr().out
    assert row["at"] in shown
    assert row["type"] in shown
    assert max(map(len, shown.splitlines())) <= 60
    assert " ".join(shown.split()).count("item") == 20


def test_figures_are_words_and_numbers_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    print_figures("Replay", {"dryRun": True, "from": None, "read": 15_000})
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["dryRun", "yes"],
        ["from"],
        ["read", "15,000"],
    ]
