"""Which events wait behind which while one of them waits for another try.

Events take effect in the order in which they came. One that came too early, such as a shipment
before its order, is tried again later; what must not overtake it until then is decided here, by
type and key:

- `order.cancelled` and `order.shipped` wait behind both of the same order, `order.returned` behind
  all three. `order.placed` waits behind nothing: it is what the others wait for. A shipment does
  not wait behind a return, which may wait for it.
- `supply.changed` and `supply.cancelled` wait behind both of the same document at the same place.
  `supply.scheduled` is what they wait for, and `supply.received` is right at any time.
- `stock.set` and `stock.adjusted` are never too early, and what waits does not change what they
  mean, so they wait behind nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain import commands as c
from hub.domain.errors import HubError

# Identifiers hold printable characters only, so none of them contains this.
_BETWEEN = "\x1f"


class Waiting(NamedTuple):
    """An event that waits for another try."""

    inbox: int
    until: datetime


class HeldBack(NamedTuple):
    """The result of an event that has to wait behind another one, which waits until then."""

    until: datetime


def holds_back(command: c.Command) -> str | None:
    """The key that nothing may overtake while this event waits; None where everything may."""
    match command:
        case c.CancelOrder() | c.ShipOrder():
            return _key("order", command.order)
        case c.ReturnOrder():
            return _key("returns", command.order)
        case c.ChangeSupply() | c.CancelSupply():
            return _key("supply", command.sku, command.location, command.document)
        case _:
            return None


def heeds(command: c.Command) -> tuple[str, ...]:
    """The keys behind which this event waits."""
    own = holds_back(command)
    if own is None:
        return ()
    if isinstance(command, c.ReturnOrder):
        return (_key("order", command.order), own)
    return (own,)


class EventOrder:
    """Who waits, as a batch is decided; what holds the batch's events back is added to it."""

    def __init__(
        self,
        waiting: Mapping[str, Iterable[Waiting]],
        until: Callable[[int, HubError], datetime | None],
    ) -> None:
        """`waiting` are events by the key that they hold back. `until` tells when an event that was
        refused is tried again; None if it is not."""
        self._waiting = {key: list(many) for key, many in waiting.items()}
        self._until = until

    def held(self, command: c.Command) -> HeldBack | None:
        """Whether an event has to wait behind one that came before it; it then holds back those
        that come after it."""
        inbox = command.origin.inbox
        if inbox is None:
            return None
        ends = [
            one.until
            for key in heeds(command)
            for one in self._waiting.get(key, ())
            if one.inbox < inbox
        ]
        if not ends:
            return None
        until = max(ends)
        self._add(command, Waiting(inbox, until))
        return HeldBack(until)

    def refused(self, command: c.Command, refusal: HubError) -> None:
        """Note that an event was refused; it may be tried again."""
        inbox = command.origin.inbox
        if inbox is not None and (until := self._until(inbox, refusal)) is not None:
            self._add(command, Waiting(inbox, until))

    def _add(self, command: c.Command, waiting: Waiting) -> None:
        key = holds_back(command)
        if key is not None:
            self._waiting.setdefault(key, []).append(waiting)


def _key(*parts: str) -> str:
    return _BETWEEN.join(parts)
