"""What a process keeps of the events that came in by it."""

from hub.domain.commands import AdjustStock, OrderLine, Origin, ShipOrder
from hub.services.arrivals import MAX_KEPT, MAX_LINES, Arrival, Arrivals

COMMAND = AdjustStock("A-1", "BER", 1000, "found", Origin("intake"))


def arrival(id: int) -> tuple[int, Arrival]:
    return id, Arrival("erp", f"e-{id}", COMMAND)


def kept(arrivals: Arrivals, ids: range) -> set[int]:
    return {id for id in ids if arrivals.take(id, "erp", f"e-{id}") is not None}


def test_what_is_kept_is_taken_once() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    arrivals.keep([arrival(1)])
    taken = [arrivals.take(id, "erp", f"e-{id}") for id in (1, 1, 2)]
    assert taken == [COMMAND, None, None]


def test_another_event_with_an_id_that_was_given_before_is_not_taken_for_it() -> None:
    for source, event_id in (("erp", "e-2"), ("shop", "e-1")):
        arrivals = Arrivals()
        arrivals.begin()
        arrivals.keep([arrival(1)])
        assert arrivals.take(1, source, event_id) is None


def test_long_orders_are_read_again_and_take_nobody_s_place() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    lines = [OrderLine("A-1", 1)] * (MAX_LINES + 1)
    orders = [ShipOrder("O", tuple(some), Origin("intake")) for some in (lines, lines[1:])]
    arrivals.keep((id, Arrival("erp", f"e-{id}", order)) for id, order in enumerate(orders))
    arrivals.keep([(3, Arrival("erp", "e-3", ShipOrder("O", None, Origin("intake"))))])
    assert kept(arrivals, range(4)) == {1, 3}


def test_nothing_is_kept_where_nobody_takes_it() -> None:
    arrivals = Arrivals()
    arrivals.keep([arrival(1)])
    arrivals.begin()
    assert kept(arrivals, range(2)) == set()


def test_when_it_is_full_those_that_are_worked_next_stay() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    for id in range(MAX_KEPT + 5):
        arrivals.keep([arrival(id)])
    arrivals.keep(arrival(id) for id in range(MAX_KEPT + 5, MAX_KEPT + 10))
    assert kept(arrivals, range(MAX_KEPT + 10)) == set(range(MAX_KEPT))


def test_what_others_have_worked_is_forgotten() -> None:
    arrivals = Arrivals()
    arrivals.begin()
    arrivals.keep(arrival(id) for id in range(10))
    arrivals.forget(6)
    assert kept(arrivals, range(10)) == {7, 8, 9}
