"""One-line builders for what is done to a reservation; `builders` has the rest of the shop."""

from hub.domain import commands as c
from hub.domain.reservations import HoldStage
from hub.domain.values import ChannelId, Line, LocationId, Sku
from tests.unit.builders import ORIGIN, Amount, units

HOLD_SECONDS = 600

Wanted = tuple[Sku, Amount]


def reserve(
    *lines: Wanted,
    id: str = "hold",
    channel: ChannelId = "web",
    holder: str | None = None,
    seconds: int | None = HOLD_SECONDS,
    stage: HoldStage = HoldStage.CART,
    address: str | None = None,
    destination: str | None = None,
) -> c.Reserve:
    """Hold these lines: `reserve(("MUG", 2))`."""
    wanted = _lines(*lines)
    return c.Reserve(id, wanted, channel, holder, seconds, ORIGIN, stage, address, destination)


def change(*lines: Wanted, id: str = "hold") -> c.ChangeReservation:
    """Let a hold hold so much of each of these, 0 for none of it."""
    return c.ChangeReservation(id, _lines(*lines), ORIGIN)


def extend(
    id: str = "hold", seconds: int | None = HOLD_SECONDS, stage: HoldStage | None = None
) -> c.ExtendReservation:
    """Let a hold last from now on."""
    return c.ExtendReservation(id, seconds, ORIGIN, stage)


def commit(*lines: Wanted, id: str = "hold", order: str = "O-1") -> c.CommitReservation:
    """Allocate these units of a hold to an order, or with none all of them."""
    return c.CommitReservation(id, order, ORIGIN, _lines(*lines) or None)


def release(*lines: Wanted, id: str = "hold", reason: str | None = None) -> c.ReleaseReservation:
    """Give these units of a hold back, or with none all of them."""
    return c.ReleaseReservation(id, reason, ORIGIN, _lines(*lines) or None)


def expire(id: str = "hold") -> c.ExpireReservation:
    """End a hold if it is due."""
    return c.ExpireReservation(id, ORIGIN)


def transfer(
    *lines: Wanted, id: str = "hold", start: LocationId = "BER", end: LocationId = "HAM"
) -> c.TransferReservation:
    """Let another location serve these units, or with none all of them."""
    return c.TransferReservation(id, start, end, ORIGIN, _lines(*lines) or None)


def fulfil(*lines: Wanted, id: str = "hold") -> c.FulfilReservation:
    """Send these allocated units off, or with none all of them."""
    return c.FulfilReservation(id, ORIGIN, _lines(*lines) or None)


def call_back(*lines: Wanted, id: str = "hold") -> c.CancelReservation:
    """Cancel these allocated units, or with none all of them."""
    return c.CancelReservation(id, ORIGIN, _lines(*lines) or None)


def give_back(*lines: Wanted, id: str = "hold") -> c.ReturnReservation:
    """Take these fulfilled units back, or with none all of them."""
    return c.ReturnReservation(id, ORIGIN, _lines(*lines) or None)


def _lines(*lines: Wanted) -> tuple[Line, ...]:
    return tuple(Line(sku, units(amount)) for sku, amount in lines)
