"""How the answer to an idempotency key is kept: refusals as well as successes, word for word."""

from datetime import datetime
from typing import Any

import orjson

from hub.domain.decide import Result
from hub.domain.decide_stock import StockChange
from hub.domain.errors import HubError, error_from
from hub.domain.position import Position
from hub.domain.reservations import Reservation, ReservationLine, ReservationState


def outcome_text(result: Result) -> str:
    """The answer as JSON text."""
    if isinstance(result, HubError):
        kept: dict[str, Any] = {"error": result.code, "data": result.data}
    elif isinstance(result, Reservation):
        kept = {"reservation": result}
    else:
        kept = {"stock": result}
    return orjson.dumps(kept, default=_as_list).decode()


def outcome_from(text: str) -> Result:
    """The answer that `outcome_text` kept."""
    kept = orjson.loads(text)
    if "error" in kept:
        return error_from(kept["error"], kept["data"])
    if "reservation" in kept:
        return _reservation(kept["reservation"])
    position, applied, note = kept["stock"]
    return StockChange(_position(position), applied, note)


def _as_list(value: object) -> list[Any]:
    # orjson writes tuples but not their named subclasses.
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"cannot keep a {type(value).__name__}")


def _reservation(row: list[Any]) -> Reservation:
    reservation = Reservation(*row)
    return reservation._replace(
        state=ReservationState(reservation.state),
        created_at=_time(row[5]),
        expires_at=_time(row[6]),
        lines=tuple(ReservationLine(*line) for line in row[9]),
    )


def _position(row: list[Any]) -> Position:
    position = Position(*row)
    return position._replace(counted_at=_time(row[9]), next_supply_at=_time(row[11]))


def _time(text: str | None) -> Any:
    return None if text is None else datetime.fromisoformat(text)
