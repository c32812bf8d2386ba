"""Counts that are decided as a set do exactly what they do one by one."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.commands import Origin, SetStock
from hub.domain.decide import decide, decide_counts, to_settle
from hub.domain.errors import HubError
from hub.domain.ledger import Ledger
from hub.domain.position import Position
from hub.domain.values import UNIT
from tests.unit.builders import NOW, item, later, rules, set_stock
from tests.unit.domain.stockroom import Stockroom

ORIGIN = Origin("erp", "erp/1")
_moments = st.sampled_from([later(-60), later(-1), NOW, later(1), later(3_600)])
_units = st.integers(-3, 12).map(lambda units: units * UNIT)


def _count(sku: str, location: str, on_hand: int, as_of: datetime, off: int | None) -> SetStock:
    return SetStock(sku, location, on_hand, ORIGIN, as_of, off)


_counts = st.lists(
    st.builds(
        _count,
        st.sampled_from(["MUG", "LAMP", "NOPE"]),
        st.sampled_from(["BER", "HAM", "ELSEWHERE"]),
        _units | st.just(UNIT // 2),
        _moments,
        st.none() | st.integers(0, 4).map(lambda units: units * UNIT),
    ),
    max_size=12,
)


@st.composite
def _positions(draw: st.DrawFn) -> list[Position]:
    found = []
    for sku in ("MUG", "LAMP"):
        for location in ("BER", "HAM"):
            on_hand, reserved = draw(_units), draw(st.integers(0, 6)) * UNIT
            read = Position(sku, location, on_hand, reserved=reserved, version=4)
            short = max(0, reserved - on_hand)
            found.append(read._replace(shortfall=short, counted_at=draw(st.none() | _moments)))
    return draw(st.lists(st.sampled_from(found), unique=True))


@given(counts=_counts, positions=_positions())
def test_a_set_of_counts_does_what_they_do_one_by_one(
    counts: list[SetStock], positions: list[Position]
) -> None:
    items = [item("MUG"), item("LAMP")]
    one_by_one = decide(counts, Ledger(items, positions), rules(), NOW)
    ledger = Ledger(items, positions)
    refused = decide_counts(counts, ledger, rules(), NOW)
    assert ledger.movements == one_by_one.movements
    assert [(p.stored(), p.version_read) for p in ledger.touched.values()] == one_by_one.positions
    assert to_settle(ledger, rules()) == one_by_one.to_settle
    expected = [
        (place, result)
        for place, result in enumerate(one_by_one.results)
        if isinstance(result, HubError)
    ]
    assert refused == expected


def test_the_same_count_again_books_nothing() -> None:
    room = Stockroom()
    room.do(set_stock(5, as_of=NOW))
    change = room.do(set_stock(5, as_of=NOW))
    assert (change.applied, change.position.version) == (False, 1)
    assert change.note == "UNCHANGED: the count of 2031-05-01T12:00:00+00:00 is already applied"
    assert room.do(set_stock(5, as_of=later(1))).applied
    assert room.do(set_stock(6, as_of=later(1))).applied
