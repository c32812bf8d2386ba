"""What a batch of commands will touch, so that it can be read and locked before it is decided."""

from collections.abc import Iterable

from hub.domain.commands import (
    AdjustStock,
    CancelOrder,
    Command,
    PlaceOrder,
    ReceiveSupply,
    Reserve,
    ReturnOrder,
    ScheduleSupply,
    SetStock,
    ShipOrder,
)
from hub.domain.errors import UnknownChannel
from hub.domain.policies import Rules
from hub.domain.position import PositionKey
from hub.domain.values import LocationId, OrderId, ReservationId, Sku


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


def touches_of(commands: Iterable[Command], rules: Rules) -> Touches:
    """What `commands` will touch. A channel nobody knows touches nothing: it will be refused."""
    touches = Touches()
    for command in commands:
        match command:
            case Reserve():
                _pool(touches, command.channel, (line[0] for line in command.lines), rules)
            case PlaceOrder():
                _pool(touches, command.channel, (line.sku for line in command.lines), rules)
                touches.orders.add(command.order)
                touches.reservations.update(
                    line.reservation for line in command.lines if line.reservation is not None
                )
            case CancelOrder() | ShipOrder() | ReturnOrder():
                touches.orders.add(command.order)
                for line in command.lines or ():
                    if line.location is not None:
                        touches.positions.add((line.sku, line.location))
            case SetStock() | AdjustStock() | ScheduleSupply() | ReceiveSupply():
                touches.skus.add(command.sku)
                touches.positions.add((command.sku, command.location))
                if isinstance(command, ScheduleSupply | ReceiveSupply):
                    touches.supply.add((command.sku, command.location, command.document))
            case _:
                touches.reservations.add(command.reservation)
    return touches


def _pool(touches: Touches, channel: str, skus: Iterable[Sku], rules: Rules) -> None:
    try:
        pool = rules.channel(channel).pool
    except UnknownChannel:
        return
    for sku in skus:
        touches.skus.add(sku)
        for location in pool:
            touches.positions.add((sku, location))
