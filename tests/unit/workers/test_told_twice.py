"""What one delivery tells twice and differently is never lost in silence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.domain.sources import source_from
from workers.formats import remembered
from workers.formats.reading import Change, Place, Severity
from workers.formats.remembered import Remembered
from workers.sources.drafts import Arrival, Draft, draft_of
from workers.sources.event_ids import EventNames
from workers.sources.told_twice import ToldTwice

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ACME = source_from(
    {"name": "acme", "format": "csv", "locations": {"names": {"Bin 1": "BER", "Bin 2": "BER"}}}
)
NAMES = EventNames(ACME.ids, "file")


def draft(line: int, type: str = "stock.set", id: str | None = None, **data: Any) -> Draft:
    change = Change(type, {"sku": "A", "location": "BER", **data}, Place(line), id=id)
    made = draft_of(change, ACME, Arrival("file", NOW, NOW), NAMES)
    assert isinstance(made, Draft)
    return made


def warned(*drafts: Draft) -> list[int | None]:
    told = ToldTwice()
    findings = [found for one in drafts if (found := told.warning(one)) is not None]
    assert {(one.severity, one.code) for one in findings} <= {(Severity.WARNING, "TOLD_TWICE")}
    return [one.place.line for one in findings]


def test_rows_by_batch_and_bins_that_became_one_location_are_told_of() -> None:
    assert warned(draft(2, onHand=5), draft(3, onHand=7), draft(4, onHand=7)) == [3]
    assert warned(draft(2, onHand=5, location="Bin 1"), draft(3, onHand=7, location="Bin 2")) == [3]
    assert warned(draft(2, onHand=5, unavailable=1), draft(3, onHand=5, unavailable=2)) == [3]


def test_a_receipt_in_two_parts_under_one_document_is_told_of() -> None:
    first: dict[str, Any] = {"document": "PO-1", "quantity": 5, "eta": "2026-06-01T00:00:00Z"}
    parts = draft(2, "supply.scheduled", **first), draft(3, "supply.scheduled", **first)
    assert warned(*parts) == []
    assert warned(*parts, draft(4, "supply.scheduled", **first | {"quantity": 6})) == [4]
    assert warned(*parts, draft(4, "supply.scheduled", **first | {"document": "PO-2"})) == []


def test_what_is_told_of_another_time_or_one_after_the_other_is_as_it_should_be() -> None:
    assert warned(draft(2, onHand=5, asOf="2026-05-01T08:00:00Z"), draft(3, onHand=7)) == []
    assert warned(draft(2, id="1", onHand=5), draft(3, id="2", onHand=7)) == []
    assert warned(draft(2, onHand=5), draft(3, onHand=5), draft(4, onHand=7, sku="B")) == []
    moved: dict[str, Any] = {"type": "stock.adjusted", "reason": "move"}
    assert warned(draft(2, **moved, delta=1), draft(3, **moved, delta=2)) == []


def test_the_newest_are_remembered_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 10)
    told = Remembered()
    for number in range(35):
        assert told.replace(number, -number) is None
    assert len(told) <= 20
    assert [told.replace(number, 0) for number in (25, 34, 1)] == [-25, -34, None]
