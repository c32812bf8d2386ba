"""Changes in a sender's words, turned into events in the hub's: names, times, watermarks, ids."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.sources import EventIds, Source, source_from
from workers.formats.reading import Change, Finding, Place, Severity
from workers.sources.drafts import Arrival, Draft, draft_of
from workers.sources.event_ids import EventNames

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FILED = NOW - timedelta(hours=1)


def source(**sections: Any) -> Source:
    return source_from({"name": "acme", "format": "csv", **sections})


def made(change: Change, of: Source | None = None, time: datetime | None = FILED) -> Any:
    of = of or source()
    return draft_of(change, of, Arrival("file", NOW, time), EventNames(of.ids, "file"))


def counted(**data: Any) -> Change:
    return Change("stock.set", {"sku": "A", "location": "BER", "onHand": 1, **data}, Place(7))


def test_an_event_has_the_hubs_names_and_the_time_of_its_file() -> None:
    acme = source(locations={"names": {"Lager": "BER"}}, skus={"case": "upper"})
    draft = made(counted(sku=" a-1 ", location=" Lager "), acme)
    assert draft.event == {
        "specversion": "1.0",
        "id": "file:7",
        "source": "acme",
        "type": "stock.set",
        "time": FILED.isoformat(),
        "data": {"sku": "A-1", "location": "BER", "onHand": 1},
    }
    assert draft.skus == ["A-1"]
    assert "time" not in made(counted(), time=None).event


def test_lines_of_orders_are_named_anew_and_placed_in_the_default_channel() -> None:
    shop = source(
        channels={"default": "web"}, locations={"names": {"1": "BER"}}, skus={"add_prefix": "P-"}
    )
    lines = [{"sku": "A", "quantity": 1, "location": "1"}, {"sku": "B", "quantity": 2}]
    placed = made(Change("order.placed", {"order": "7", "lines": lines}), shop)
    assert placed.event["data"] == {
        "order": "7",
        "channel": "web",
        "lines": [
            {"sku": "P-A", "quantity": 1, "location": "BER"},
            {"sku": "P-B", "quantity": 2},
        ],
    }
    assert placed.skus == ["P-A", "P-B"]
    shipped = made(Change("order.shipped", {"order": "7"}), shop)
    assert shipped.event["data"] == {"order": "7"}


def test_what_the_source_ignores_is_nothing() -> None:
    acme = source(locations={"ignored": ["Messe"]}, channels={"ignored": ["pos"]})
    assert made(counted(location="Messe"), acme) is None
    order = {"order": "7", "channel": "pos", "lines": [{"sku": "A", "quantity": 1}]}
    assert made(Change("order.placed", order), acme) is None


@pytest.mark.parametrize(
    ("rule", "told", "included"),
    [
        ("field", {}, None),
        ("field", {"includesOrdersUpTo": "O-7"}, "O-7"),
        ("none", {"includesOrdersUpTo": "O-7"}, None),
        ("time", {"includesOrdersUpTo": "O-7"}, FILED.isoformat()),
        ("time", {"asOf": "2026-05-01T10:00:00Z"}, "2026-05-01T10:00:00Z"),
    ],
)
def test_a_count_includes_the_orders_that_the_rule_says(
    rule: str, told: dict[str, str], included: str | None
) -> None:
    draft = made(counted(**told), source(counts={"include_orders": rule}))
    assert draft.event["data"].get("includesOrdersUpTo") == included


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (counted(onHand=None), "onHand"),
        (counted(onHand=1.5e300), "onHand"),
        (counted(sku=4711), "sku"),
        (counted(sku=""), "sku"),
        (counted(location=None), "location"),
        (counted(location=["BER"]), "location"),
        (counted(asOf="yesterday"), "asOf"),
        (counted(asOf=(NOW + timedelta(hours=1)).isoformat()), "asOf"),
        (counted(note="a\0"), None),
        (counted(note=object()), None),
        (counted()._replace(type="stock.guess"), "type"),
        (Change("order.placed", {"order": "7", "lines": []}, Place(7)), "channel"),
        (Change("order.placed", {"order": "7", "channel": "web"}, Place(7)), "lines"),
        (Change("order.shipped", {"order": "7", "lines": "A"}, Place(7)), "lines"),
        (Change("order.shipped", {"order": "7", "lines": ["A"]}, Place(7)), "lines[0]"),
    ],
)
def test_what_can_be_no_event_is_refused_with_its_line_and_field(
    change: Change, column: str | None
) -> None:
    refused = made(change)
    assert isinstance(refused, Finding)
    assert refused.severity is Severity.ERROR
    assert refused.place.line == 7
    assert refused.place.column == (column or "data")


def test_a_column_that_the_format_names_stays() -> None:
    refused = made(counted(onHand="x")._replace(place=Place(7, "QTY02")))
    assert refused.place == Place(7, "QTY02")


def test_a_count_without_any_time_can_not_include_the_orders_up_to_it() -> None:
    refused = made(counted(), source(counts={"include_orders": "time"}), time=None)
    assert (refused.place.column, refused.code) == ("asOf", "INVALID_INPUT")


def test_a_gtin_that_is_none_is_refused() -> None:
    acme = source(skus={"gtin": 13})
    assert made(counted(sku="036000291452"), acme).skus == ["0036000291452"]
    assert made(counted(sku="036000291453"), acme).place.column == "sku"


def ids(rule: EventIds, *changes: Change, key: str = "file", time: datetime = FILED) -> list[str]:
    names = EventNames(rule, key)
    return [names.id_of(change, change.time or time) for change in changes]


def test_the_senders_id_goes_before_the_place() -> None:
    changes = [counted()._replace(id="17"), counted(), counted()._replace(id="x" * 300)]
    first, second, long = ids(EventIds.SENDER, *changes)
    assert (first, second) == ("17", "file:7:1")
    assert len(long) == 40


def test_changes_of_one_place_have_ids_of_their_own() -> None:
    changes = [counted(), counted(), counted()._replace(place=Place(8)), Change("a", {}, Place())]
    assert ids(EventIds.PLACE, *changes) == ["file:7", "file:7:1", "file:8", "file:"]


def test_a_place_in_one_delivery_is_none_in_another_whatever_they_are_called() -> None:
    changes = [counted()._replace(place=Place(line)) for line in (1, 1, 7, 7)]
    keys = ("inv", "inv:7", "inv%3A7", "inv:")
    every = [id for key in keys for id in ids(EventIds.PLACE, *changes, key=key)]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize(
    "otherwise",
    [{"locations": {"ignored": ["Messe"]}}, {"skus": {"gtin": 13, "aliases": {"A": "A-1"}}}],
)
def test_what_becomes_of_a_change_does_not_move_the_id_of_the_next(
    otherwise: dict[str, Any],
) -> None:
    drafts: list[Draft | Finding | None] = []
    for of in (source(**otherwise), source()):
        names = EventNames(of.ids, "file")
        drafts += [
            draft_of(change, of, Arrival("file", NOW, FILED), names)
            for change in (counted(sku="B", location="Messe"), counted())
        ]
    left_out, second, first, again = drafts
    assert not isinstance(left_out, Draft)
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert isinstance(again, Draft)
    assert first.event["id"] == "file:7"
    assert second.event["id"] == again.event["id"] == "file:7:1"


def test_the_same_content_at_another_time_is_another_change() -> None:
    rule = EventIds.CONTENT
    one, two = ids(rule, counted(), counted()._replace(place=Place(9)))
    assert one == two
    assert ids(rule, counted(), key="other") == [one]
    assert ids(rule, counted(), time=NOW) != [one]
    assert ids(rule, counted(onHand=2)) != [one]


KEYS = ("sku", "location", "onHand", "lines", "channel", "asOf", "order", "delta", "reason")
TYPES = ("stock.set", "stock.adjusted", "supply.scheduled", "order.placed", "order.shipped", "?")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=5,
)


@given(
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), JSON),
    st.text(),
    st.sampled_from(EventIds),
)
def test_whatever_a_format_tells_is_a_draft_or_refused(
    kind: str, data: dict[str, Any], id: str, rule: EventIds
) -> None:
    acme = source(
        skus={"case": "upper"},
        locations={"default": "BER", "ignored": ["x"]},
        events={"ids": rule.value},
    )
    result = made(Change(kind, data, id=id), acme)
    assert result is None or isinstance(result, Draft | Finding)
