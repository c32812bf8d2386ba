"""Examples for the OpenAPI document, made by what makes the real answers."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hub.domain import errors as e
from hub.domain.alerts import Alert, AlertKind
from hub.domain.availability import Availability, availability_of
from hub.domain.decide_stock import StockChange
from hub.domain.item import Item
from hub.domain.notices import Notice
from hub.domain.policies import Channel, Rules
from hub.domain.position import Position
from hub.domain.reservations import HoldStage, Reservation, ReservationLine, ReservationState
from hub.domain.sourcing import Place
from hub.domain.values import UNIT
from hub.web.rest.answers import availability_answer, reservation_answer
from hub.web.rest.reservations import EXAMPLE_ID
from hub.web.rest.stock import row_answer

EXAMPLE_TIME: Final = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
_SKU: Final = "MUG-FJORD-MOSS"
_CHANNEL: Final = Channel("web-eu", "Web shop", "en", "EUR", ("BER",))
_RULES: Final = Rules({"web-eu": _CHANNEL}, {"BER": Place("BER")}, {}, "web-eu")
_POSITION: Final = Position(
    _SKU, "BER", on_hand=40 * UNIT, reserved=2 * UNIT, version=7, counted_at=EXAMPLE_TIME
)
_HOLD: Final = Reservation(
    id=EXAMPLE_ID,
    state=ReservationState.HELD,
    channel="web-eu",
    holder="cart-1",
    address=None,
    stage=HoldStage.CART,
    order=None,
    ordered_at=None,
    ttl_seconds=600,
    created_at=EXAMPLE_TIME,
    expires_at=EXAMPLE_TIME + timedelta(seconds=600),
    ended_reason=None,
    version=1,
    lines=(ReservationLine(0, _SKU, "BER", 2 * UNIT, held=2 * UNIT),),
)


def availability_example() -> Availability:
    """An answer."""
    return availability_of(Item(_SKU), [_POSITION], _RULES, _CHANNEL, 2 * UNIT, EXAMPLE_TIME)


def hold_example() -> Reservation:
    """A reservation that is held."""
    return _HOLD


def alert_example() -> Alert:
    """An alert that is open."""
    facts: dict[str, Any] = {"count": 3, "mark": 5, "rule": "global"}
    opened = AlertKind.LOW_STOCK, _SKU, "web-eu", None, None, facts, EXAMPLE_TIME
    return Alert(1, *opened, None, None, None)


def notice_example() -> Notice:
    """A notice that it is time to give."""
    created = EXAMPLE_TIME - timedelta(days=3)
    return Notice(EXAMPLE_ID, _SKU, "web-eu", UNIT, "shopper-7", created, EXAMPLE_TIME)


def answer_examples() -> dict[str, Any]:
    """An example for the body of each answer, by its component."""
    availability = availability_answer(availability_example(), "de")
    row = row_answer(StockChange(_POSITION, True, None))
    refused = row_answer(e.UnknownSku(skus=["MUG-FJORD-OAT"]))
    return {
        "Availability": availability,
        "AvailabilityList": {"availability": [availability]},
        "Reservation": reservation_answer(_HOLD),
        "StockResult": {"rows": [row, refused], "refused": 1},
    }


REFUSALS: Final[dict[type[e.HubError], e.HubError]] = {
    type(refusal): refusal
    for refusal in (
        e.InvalidInput(field="lines[0].quantity", problem="must be above 0"),
        e.UnknownSku(skus=[_SKU]),
        e.UnknownChannel(channel="web-us"),
        e.UnknownLocation(location="LON"),
        e.UnknownOrder(order="O-1001", verb="included in a count"),
        e.IsKit(sku="TEA-SET", components=["POT", "MUG"]),
        e.VersionConflict(expected=6, actual=7),
        e.StockConflict(expected="41", actual="40"),
        e.NotApplied(),
        e.InsufficientStock(lines=[{"sku": _SKU, "requested": 5 * UNIT, "available": 3 * UNIT}]),
        e.HoldLimitReached(what="holder", limit=20),
        e.ReservationNotFound(id=EXAMPLE_ID),
        e.ReservationEnded(id=EXAMPLE_ID, state="EXPIRED", reason="EXPIRED", verb="extended"),
        e.ReservationChanged(id=EXAMPLE_ID, expected=1, actual=2),
        e.ReservationLineMismatch(
            id=EXAMPLE_ID, sku=_SKU, verb="released", asked="3", possible="2"
        ),
        e.IdempotencyInProgress(key="cart-1-reserve-1"),
        e.IdempotencyMismatch(key="cart-1-reserve-1"),
        e.LimitExceeded(what="The body in bytes", limit=131_072, actual=131_073),
        e.Unauthenticated(),
        e.Forbidden(scope="reservations:hold", principal="storefront"),
        e.Unavailable(),
    )
}
"""An example of each refusal that an operation names."""
