"""What a batch of commands will touch, so that it can be read and locked before it is decided."""

from collections.abc import Iterable

from hub.domain import commands as c
from hub.domain.errors import UnknownChannel
from hub.domain.policies import Rules
from hub.domain.position import PositionKey
from hub.domain.values import Line, LocationId, OrderId, ReservationId, Sku


class Touches:
    """The items, positions, reservations, orders and supply documents of a batch.

    The positions of reservations and orders are not in here: they are known to the database only.
    """

    def __init__(self) -> None:
        self.skus: set[Sku] = set()
        self.positions: set[PositionKey] = set()
        self.reservations: set[ReservationId] = set()
        self.orders: set[OrderId] = set()
        self.supply: set[tuple[Sku, LocationId, str]] = set()
        self.waiting: set[Sku] = set()
        """Items whose backorders, supply lines and positions are all needed."""
        self.pools: dict[ReservationId, set[Sku]] = {}
        """Items that may be taken from the whole pool of a reservation's channel."""
        self.watermarks: list[c.SetStock] = []
        self.books: set[PositionKey] = set()
        """Positions that are held against the rest of the ledger."""


def touches_of(commands: Iterable[c.Command], rules: Rules) -> Touches:
    """What `commands` will touch. A channel nobody knows touches nothing: it will be refused."""
    touches = Touches()
    for command in commands:
        match command:
            case c.Reserve():
                _pool(touches, command.channel, _parts(touches, command.lines, rules), rules)
            case c.PlaceOrder():
                lines = [Line(line.sku, line.quantity) for line in command.lines]
                _pool(touches, command.channel, _parts(touches, lines, rules), rules)
                touches.orders.add(command.order)
                touches.reservations.update(
                    line.reservation for line in command.lines if line.reservation is not None
                )
            case c.CancelOrder() | c.ShipOrder() | c.ReturnOrder():
                touches.orders.add(command.order)
                _elsewhere(touches, command, rules)
            case c.SettleBackorders():
                touches.skus.add(command.sku)
                touches.waiting.add(command.sku)
                touches.positions.update((command.sku, one) for one in rules.locations)
            case c.CorrectPosition():
                touches.positions.add((command.sku, command.location))
                touches.books.add((command.sku, command.location))
            case c.TransferStock():
                touches.skus.add(command.sku)
                touches.positions.add((command.sku, command.from_location))
                touches.positions.add((command.sku, command.to_location))
            case (
                c.SetStock()
                | c.AdjustStock()
                | c.CorrectDrift()
                | c.MarkUnavailable()
                | c.ScheduleSupply()
                | c.ChangeSupply()
                | c.ReceiveSupply()
                | c.CancelSupply()
            ):
                _position(touches, command)
            case _:
                _reservation(touches, command, rules)
    return touches


def _reservation(
    touches: Touches, command: c.HoldCommand | c.AllocationCommand, rules: Rules
) -> None:
    id = command.reservation
    touches.reservations.add(id)
    match command:
        case c.ExtendReservation() | c.ExpireReservation():
            return
        case c.ChangeReservation():
            parts = _parts(touches, command.lines, rules)
            touches.pools.setdefault(id, set()).update(parts)
        case c.TransferReservation():
            # Its items are known to the database only.
            touches.pools.setdefault(id, set()).update(_parts(touches, command.lines or (), rules))
        case _:
            _parts(touches, command.lines or (), rules)


def _position(
    touches: Touches,
    command: c.CountCommand | c.SupplyCommand,
) -> None:
    touches.skus.add(command.sku)
    touches.positions.add((command.sku, command.location))
    if isinstance(command, c.SetStock):
        if command.has_watermark:
            touches.watermarks.append(command)
    elif not isinstance(command, c.AdjustStock | c.CorrectDrift | c.MarkUnavailable):
        touches.supply.add((command.sku, command.location, command.document))


def _elsewhere(
    touches: Touches, command: c.CancelOrder | c.ShipOrder | c.ReturnOrder, rules: Rules
) -> None:
    """Where an order event names items, and a location that may not be the allocated one."""
    for line in command.lines or ():
        parts = _parts(touches, [Line(line.sku, line.quantity)], rules)
        if line.location is not None:
            touches.positions.update((sku, line.location) for sku in parts)


def _parts(touches: Touches, lines: Iterable[Line], rules: Rules) -> set[Sku]:
    """The items of lines, kits taken apart."""
    parts: set[Sku] = set()
    for sku, _ in lines:
        touches.skus.add(sku)
        components = rules.kits.get(sku)
        if components is None:
            parts.add(sku)
        else:
            parts.update(component.sku for component in components)
    touches.skus |= parts
    return parts


def _pool(touches: Touches, channel: str, skus: Iterable[Sku], rules: Rules) -> None:
    try:
        pool = rules.channel(channel).pool
    except UnknownChannel:
        return
    for sku in skus:
        for location in pool:
            touches.positions.add((sku, location))
