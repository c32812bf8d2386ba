"""Random commands for a small shop: two items, three locations, two channels.

Ids of reservations and orders are drawn as NEW; as `~0`, the newest, which the same batch may make
or may have been refused; or as `~1` and on, the last of those that exist, the one before it and so
on. `Names` makes real ids of them, so that most commands meet something.
"""

from hypothesis import strategies as st

from hub.domain import commands as c
from tests.unit import builders as a
from tests.unit.domain.stockroom import Stockroom

SKUS = ("MUG", "OIL")
LOCATIONS = ("BER", "HAM", "CPH")
CHANNELS = (a.channel("web", "BER", "HAM"), a.channel("shop", "HAM", "CPH"))
NEW = "new"

skus = st.sampled_from(SKUS)
locations = st.sampled_from(LOCATIONS)
channels = st.sampled_from([one.id for one in CHANNELS])
amounts = st.sampled_from([1, 2, 3, 5, 0.5])
seconds = st.sampled_from([20, 60, 300])
documents = st.sampled_from(["PO-1", "PO-2"])
recent = st.sampled_from(["~0", "~1", "~2", "~3"])
orders = st.sampled_from(["~0", "~1", "~2"])

_wanted = st.lists(st.tuples(skus, amounts), min_size=1, max_size=3)
_placed = st.lists(st.builds(a.line, skus, amounts, st.none() | recent), min_size=1, max_size=3)
_settled = st.lists(
    st.builds(a.line, skus, amounts, st.none(), st.none() | locations),
    max_size=2,
    unique_by=lambda line: line.sku,
)


def _reserve(lines: list[tuple[str, float]], channel: str, ttl: int) -> c.Reserve:
    return a.reserve(*lines, id=NEW, channel=channel, seconds=ttl)


def _count(
    on_hand: int,
    location: str,
    sku: str,
    age: int | None,
    unavailable: int | None,
    version: int | None,
) -> c.SetStock:
    as_of = None if age is None else a.later(age)
    return a.set_stock(
        on_hand, location, sku, as_of=as_of, unavailable=unavailable, if_version=version
    )


def _schedule(amount: int, location: str, sku: str, document: str, days: int) -> c.ScheduleSupply:
    return a.schedule(amount, location, sku, document=document, eta=a.later(days=days))


def _receive(amount: float, location: str, sku: str, document: str) -> c.ReceiveSupply:
    return a.receive(amount, location, sku, document=document)


def _place(lines: list[c.OrderLine], order: str, channel: str) -> c.PlaceOrder:
    return a.place(*lines, order=order, id=NEW, channel=channel)


# What makes something comes up more often, so that the rest has something to work on.
_makers: list[st.SearchStrategy[c.Command]] = [
    st.builds(_reserve, _wanted, channels, seconds),
    st.builds(_place, _placed, st.just(NEW), channels),
]
commands: st.SearchStrategy[c.Command] = st.one_of(
    *_makers,
    *_makers,
    *_makers,
    st.builds(a.extend, recent, seconds),
    st.builds(a.commit, recent, orders | st.just(NEW)),
    st.builds(a.release, recent, st.none() | st.just("cart emptied")),
    st.builds(a.expire, recent),
    st.builds(_place, _placed, orders, channels),
    st.builds(lambda lines, order: a.cancel(*lines, order=order), _settled, orders),
    st.builds(lambda lines, order: a.ship(*lines, order=order), _settled, orders),
    st.builds(lambda lines, order: a.take_back(*lines, order=order), _settled, orders),
    st.builds(
        _count,
        st.integers(-1, 12),
        locations,
        skus,
        st.none() | st.integers(-60, 600),
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 9),
    ),
    st.builds(a.adjust, st.sampled_from([-3, -1, 2, 6]), locations, skus),
    st.builds(_schedule, st.integers(0, 6), locations, skus, documents, st.integers(1, 3)),
    st.builds(_receive, amounts, locations, skus, documents),
)


class Names:
    """Real ids for commands in their order."""

    def __init__(self, room: Stockroom) -> None:
        self._room = room
        self._reservations = 0
        self._orders = 0

    def give(self, command: c.Command) -> c.Command:
        """The command with real ids."""
        match command:
            case c.Reserve():
                return command._replace(reservation=self._reservation(NEW))
            case c.PlaceOrder():
                lines = tuple(
                    line._replace(reservation=self._reservation(line.reservation))
                    if line.reservation
                    else line
                    for line in command.lines
                )
                return command._replace(
                    reservation=self._reservation(NEW),
                    order=self._order(command.order),
                    lines=lines,
                )
            case c.CommitReservation():
                return command._replace(
                    reservation=self._reservation(command.reservation),
                    order=self._order(command.order),
                )
            case c.ExtendReservation() | c.ReleaseReservation() | c.ExpireReservation():
                return command._replace(reservation=self._reservation(command.reservation))
            case c.CancelOrder() | c.ShipOrder() | c.ReturnOrder():
                return command._replace(order=self._order(command.order))
            case _:
                return command

    def _reservation(self, name: str) -> str:
        self._reservations += name == NEW
        known = list(self._room.reservations)
        return _named(name, f"r{self._reservations:03}", known)

    def _order(self, name: str) -> str:
        self._orders += name == NEW
        known = [one.order for one in self._room.reservations.values() if one.order is not None]
        return _named(name, f"O-{self._orders}", list(dict.fromkeys(known)))


def _named(name: str, newest: str, known: list[str]) -> str:
    back = 0 if name == NEW else int(name[1:])
    return known[-back:][0] if back and known else newest
