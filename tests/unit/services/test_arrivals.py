"""What a process keeps of the events that came in by it."""

from hub.domain.commands import AdjustStock, Origin
from hub.services.arrivals import MAX_KEPT, Arrivals

COMMAND = AdjustStock("A-1", "BER", 1000, "found", Origin("intake"))


def kept(arrivals: Arrivals, ids: range) -> set[int]:
    return {id for id in ids if arrivals.take(id) is not None}


def test_what_is_kept_is_taken_once() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    arrivals.keep([(1, COMMAND)])
    assert [arrivals.take(1), arrivals.take(1), arrivals.take(2)] == [COMMAND, None, None]


def test_nothing_is_kept_where_nobody_takes_it() -> None:
    arrivals = Arrivals()
    arrivals.keep([(1, COMMAND)])
    arrivals.begin()
    assert arrivals.take(1) is None


def test_when_it_is_full_those_that_are_worked_next_stay() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    for id in range(MAX_KEPT + 5):
        arrivals.keep([(id, COMMAND)])
    arrivals.keep((id, COMMAND) for id in range(MAX_KEPT + 5, MAX_KEPT + 10))
    assert kept(arrivals, range(MAX_KEPT + 10)) == set(range(MAX_KEPT))


def test_what_others_have_worked_is_forgotten() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    arrivals.keep((id, COMMAND) for id in range(10))
    arrivals.forget(6)
    assert kept(arrivals, range(10)) == {7, 8, 9}
