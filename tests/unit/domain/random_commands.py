"""Random commands for a small shop: two items and a kit of them, three locations, three channels.

Ids of reservations and orders are drawn as NEW; as `~0`, the newest, which the same batch may make
or may have been refused; or as `~1` and on, the last of those that exist, the one before it and so
on. `Names` makes real ids of them, so that most commands meet something.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from hub.domain import commands as c
from hub.domain.reservations import Reservation
from tests.unit import builders as a
from tests.unit import holds as h
from tests.unit.domain.stockroom import Stockroom

SKUS = ("MUG", "OIL")
KITS = {"SET": a.kit(MUG=2, OIL=0.5)}
LOCATIONS = ("BER", "HAM", "CPH")
CHANNELS = (
    a.channel("web", "BER", "HAM"),
    a.channel("shop", "HAM", "CPH", sourcing="most_stock"),
    a.channel("fair", "CPH", "BER", "HAM", sourcing="priority"),
)
HOLDERS = ("ann", "bob")
NEW = "new"

skus = st.sampled_from(SKUS)
sold = st.sampled_from([*SKUS, *SKUS, "SET"])
locations = st.sampled_from(LOCATIONS)
channels = st.sampled_from([one.id for one in CHANNELS])
amounts = st.sampled_from([1, 2, 3, 5, 0.5])
seconds = st.sampled_from([20, 60, 300, 900])
documents = st.sampled_from(["PO-1", "PO-2"])
recent = st.sampled_from(["~0", "~1", "~2", "~3"])
orders = st.sampled_from(["~0", "~1", "~2"])
moments = st.none() | st.integers(-60, 200)

_line = st.tuples(sold, amounts)
_wanted = st.lists(_line, min_size=1, max_size=3)
_part = st.just(()) | st.tuples(_line)
_placed = st.lists(st.builds(a.line, sold, amounts, st.none() | recent), min_size=1, max_size=3)
_settled = st.lists(
    st.builds(a.line, sold, amounts, st.none(), st.none() | locations),
    max_size=2,
    unique_by=lambda line: line.sku,
)


def _reserve(
    lines: list[tuple[str, float]], channel: str, ttl: int, holder: str | None
) -> c.Reserve:
    return h.reserve(*lines, id=NEW, channel=channel, seconds=ttl, holder=holder)


def _moment(age: int | None) -> Any:
    return None if age is None else a.later(age)


def _count(
    on_hand: int,
    location: str,
    sku: str,
    age: int | None,
    unavailable: int | None,
    expected: tuple[int | None, int | None],
    orders_to: int | str | None,
) -> c.SetStock:
    version, there = expected
    return a.set_stock(
        on_hand,
        location,
        sku,
        as_of=_moment(age),
        unavailable=unavailable,
        if_version=version,
        if_on_hand=there,
        orders_to=_moment(orders_to) if isinstance(orders_to, int) else None,
        order=orders_to if isinstance(orders_to, str) else None,
    )


def _schedule(
    amount: int, location: str, sku: str, document: str, days: int, told: int | None
) -> c.ScheduleSupply:
    eta, told_at = a.later(days=days), _moment(told)
    return a.schedule(amount, location, sku, document=document, eta=eta, told_at=told_at)


def _reschedule(
    amount: int | None, location: str, sku: str, document: str, days: int | None, told: int | None
) -> c.ChangeSupply:
    eta = None if days is None else a.later(days=days)
    told_at = _moment(told)
    return a.reschedule(amount, location, sku, document=document, eta=eta, told_at=told_at)


def _place(lines: list[c.OrderLine], order: str, channel: str, age: int | None) -> c.PlaceOrder:
    return a.place(*lines, order=order, id=NEW, channel=channel, ordered_at=_moment(age))


def _about(maker: Any) -> st.SearchStrategy[c.Command]:
    """A command about a part of a reservation, or all of it."""
    return st.builds(lambda lines, id: maker(*lines, id=id), _part, recent)


_reserves = st.builds(
    _reserve, _wanted, channels, seconds, st.sampled_from([None, "ann", "ann", "bob"])
)
_order_ids = orders | st.just(NEW)
_of_orders = [
    st.builds(
        lambda make, lines, order: make(*lines, order=order), st.just(maker), _settled, orders
    )
    for maker in (a.cancel, a.ship, a.take_back)
]
_counts = st.builds(
    _count,
    st.sampled_from([-1, 0, 0, 1, 2, 3, 5, 8, 12]),
    locations,
    skus,
    st.none() | st.integers(-60, 600),
    st.none() | st.integers(0, 2),
    st.just((None, None)) | st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 6)),
    st.none() | orders | st.integers(-60, 200),
)
_holds: list[st.SearchStrategy[c.Command]] = [
    st.builds(lambda lines, id: h.change(*lines, id=id), _wanted, recent),
    st.builds(
        lambda lines, id: h.change(*((sku, 0) for sku, _ in lines), id=id), _wanted, recent
    ),
    st.builds(h.extend, recent, seconds),
    st.builds(lambda lines, id, order: h.commit(*lines, id=id, order=order),
              _part, recent, _order_ids),
    _about(h.release),
    st.builds(h.expire, recent),
    st.builds(lambda lines, id, start, end: h.transfer(*lines, id=id, start=start, end=end),
              _part, recent, locations, locations),
    _about(h.fulfil),
    _about(h.call_back),
    _about(h.give_back),
]  # fmt: skip
_stock: list[st.SearchStrategy[c.Command]] = [
    _counts,
    st.builds(a.adjust, st.sampled_from([-3, -1, 2, 6]), locations, skus),
    st.builds(a.mark, st.sampled_from([-2, -1, 1, 2, 0.5]), locations, skus),
    st.builds(a.move, amounts, locations, locations, skus),
    st.builds(_schedule, st.integers(0, 6), locations, skus, documents, st.integers(1, 3), moments),
    st.builds(_reschedule, st.none() | st.integers(0, 6), locations, skus, documents,
              st.none() | st.integers(1, 3), moments),
    st.builds(lambda place, sku, document, age: a.call_off(
        place, sku, document=document, told_at=_moment(age)), locations, skus, documents, moments),
    st.builds(lambda n, place, sku, document: a.receive(n, place, sku, document=document),
              amounts, locations, skus, documents),
    st.builds(a.settle, skus),
]  # fmt: skip
# What makes something comes up more often, so that the rest has something to work on. Of equal
# strategies `one_of` would try each once only: one of them is drawn as a value is.
_all: list[st.SearchStrategy[c.Command]] = [
    *[_reserves] * 14,
    *[st.builds(_place, _placed, _order_ids, channels, moments)] * 5,
    *_holds * 2,
    *_of_orders,
    *_stock,
]
commands: st.SearchStrategy[c.Command] = st.sampled_from(_all).flatmap(lambda drawn: drawn)


class Names:
    """Real ids for commands in their order."""

    def __init__(self, room: Stockroom) -> None:
        self._room = room
        self._reservations = 0
        self._orders = 0
        self._keys = 0

    def give(self, command: c.Command) -> c.Command:
        """The command with real ids, and with an idempotency key if it is one that has keys."""
        if isinstance(command, c.PlaceOrder):
            lines = tuple(
                line._replace(reservation=self._reservation(line.reservation))
                if line.reservation
                else line
                for line in command.lines
            )
            id = self._reservation(NEW)
            return command._replace(reservation=id, order=self._order(command.order), lines=lines)
        if isinstance(command, c.CancelOrder | c.ShipOrder | c.ReturnOrder):
            return command._replace(order=self._order(command.order))
        if isinstance(command, c.SettleBackorders):
            return command
        given: dict[str, Any] = {}
        reservation = getattr(command, "reservation", None)
        if reservation is not None:
            given["reservation"] = self._reservation(reservation, _suits(command))
        if isinstance(command, c.TransferReservation):
            given["from_location"] = self._holding(given["reservation"], command.from_location)
        if isinstance(command, c.CommitReservation):
            given["order"] = self._order(command.order)
        if isinstance(command, c.SetStock) and command.includes_order is not None:
            given["includes_order"] = self._order(command.includes_order)
        self._keys += 1
        key = f"{self._keys}".encode()
        given["origin"] = a.ORIGIN._replace(idempotency=c.Idempotency(key, key, key.decode()))
        named: c.Command = command._replace(**given)
        return named

    def _reservation(self, name: str, suits: Callable[[Reservation], bool] | None = None) -> str:
        self._reservations += name == NEW
        stored = self._room.reservations
        known = list(stored)
        if suits is not None and name in ("~1", "~2"):
            known = [id for id, one in stored.items() if suits(one)] or known
        return _named(name, f"r{self._reservations:03}", known)

    def _holding(self, id: str, else_: str) -> str:
        """Where a reservation holds something, if it does."""
        stored = self._room.reservations.get(id)
        lines = stored.lines if stored is not None else ()
        return next((line.location for line in lines if line.held or line.allocated), else_)

    def _order(self, name: str) -> str:
        self._orders += name == NEW
        known = [one.order for one in self._room.reservations.values() if one.order is not None]
        return _named(name, f"O-{self._orders}", list(dict.fromkeys(known)))


def _suits(command: c.Command) -> Callable[[Reservation], bool]:
    """What a command is for, so that most commands do something."""
    if isinstance(command, c.FulfilReservation | c.CancelReservation | c.ReturnReservation):
        return lambda one: one.order is not None
    if isinstance(command, c.TransferReservation):
        return lambda one: any(line.held or line.allocated for line in one.lines)
    return lambda one: one.expires_at is not None and not one.state.ended


def _named(name: str, newest: str, known: list[str]) -> str:
    back = 0 if name == NEW else int(name[1:])
    return known[-back:][0] if back and known else newest
