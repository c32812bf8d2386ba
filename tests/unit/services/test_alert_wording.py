"""Alerts in words: every language has all of them."""

from typing import Any

import pytest

from hub.domain.alerts import Alert, AlertKind
from hub.services.wording import LANGUAGES, text_of
from tests.unit.builders import NOW

FACTS: dict[AlertKind, dict[str, Any]] = {
    AlertKind.LOW_STOCK: {"count": 1234.5, "mark": 5, "rule": "location:BER"},
    AlertKind.OUT_OF_STOCK: {},
    AlertKind.BACK_IN_STOCK: {},
    AlertKind.LATE_SUPPLY: {"count": 3, "date": NOW.isoformat()},
    AlertKind.STALE_COUNTS: {"date": NOW.isoformat()},
    AlertKind.SHORTFALL: {"count": 2},
    AlertKind.SOURCE_LATE: {"time": NOW.isoformat()},
    AlertKind.SOURCE_FAILING: {"problem": "503", "count": 2},
    AlertKind.SOURCE_DOUBTFUL: {},
    AlertKind.SOURCE_STALE: {"time": NOW.isoformat()},
    AlertKind.SOURCE_CIRCUIT_OPEN: {"problem": "503", "count": 5},
}


def said(kind: AlertKind, locale: str) -> str:
    """The text of an alert."""
    subject = ("MUG {x}", "web", "BER", "PO-1")
    alert = Alert(1, kind, *subject, FACTS[kind], NOW, None, None, None, "acme")
    return text_of(alert.message, locale)


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_text_for_every_alert(language: str, kind: AlertKind) -> None:
    text = said(kind, language)
    assert text.strip() == text != ""
    assert "ALERT" not in text
    if language != "en":
        assert text != said(kind, "en")


def test_numbers_and_dates_are_written_as_people_there_write_them() -> None:
    assert said(AlertKind.LOW_STOCK, "de").endswith("noch 1.234,5, die Marke ist 5")
    assert said(AlertKind.STALE_COUNTS, "en-GB") == "BER owes a count: its last one is of 1 May"


def test_of_sources_the_hour_counts() -> None:
    late = said(AlertKind.SOURCE_LATE, "de")
    assert late == f"acme ist spät dran: seit 1. Mai {NOW:%H:%M} UTC kam nichts"


def test_names_are_told_as_they_are() -> None:
    assert said(AlertKind.OUT_OF_STOCK, "en") == "MUG {x} is sold out in web"
