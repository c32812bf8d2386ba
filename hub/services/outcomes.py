"""How the answer to an idempotency key is kept: refusals as well as successes, word for word."""

from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import orjson

from hub.domain.decide import Result
from hub.domain.decide_stock import StockChange
from hub.domain.errors import HubError, error_from
from hub.domain.position import STORED_COLUMNS, Position
from hub.domain.reservations import (
    EndReason,
    HoldStage,
    Reservation,
    ReservationLine,
    ReservationState,
)

Row = TypeVar("Row", Reservation, ReservationLine, Position)

_TIMES: Final = ("created_at", "ordered_at", "expires_at", "promised_at", "counted_at",
                 "counted_through", "next_supply_at")  # fmt: skip


def outcome_text(result: Result) -> str:
    """The answer as JSON text."""
    if isinstance(result, HubError):
        kept: dict[str, Any] = {"error": result.code, "data": result.data}
    elif isinstance(result, Reservation):
        kept = {"reservation": result}
    else:
        position: Position = result.position
        kept = {"stock": (position[:STORED_COLUMNS], result.applied, result.note)}
    return orjson.dumps(kept, default=_as_list).decode()


def outcome_from(text: str) -> Result:
    """The answer that `outcome_text` kept."""
    kept = orjson.loads(text)
    if "error" in kept:
        return error_from(kept["error"], kept["data"])
    if "reservation" in kept:
        return _reservation(kept["reservation"])
    position, applied, note = kept["stock"]
    return StockChange(_with_times(Position(*position)), applied, note)


def first_answer(reservation: Reservation, stage: str) -> Reservation:
    """A reservation as it was when it was made, whatever became of it: its first lines keep their
    quantity, and the rest of a beginning is always the same."""
    ttl = timedelta(seconds=reservation.ttl_seconds or 0)
    return reservation._replace(
        state=ReservationState.HELD,
        stage=HoldStage(stage),
        order=None,
        ordered_at=None,
        expires_at=reservation.created_at + ttl,
        ended_reason=None,
        version=1,
        lines=tuple(
            ReservationLine(
                line.line, line.sku, line.location, line.quantity, line.quantity, kit=line.kit
            )
            for line in reservation.lines
            if line.since_version == 1
        ),
    )


def _as_list(value: object) -> list[Any]:
    # orjson writes tuples but not their named subclasses.
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"cannot keep a {type(value).__name__}")


def _reservation(row: list[Any]) -> Reservation:
    reservation = _with_times(Reservation(*row))
    reason = reservation.ended_reason
    return reservation._replace(
        state=ReservationState(reservation.state),
        stage=HoldStage(reservation.stage),
        ended_reason=None if reason is None else EndReason(reason),
        lines=tuple(_with_times(ReservationLine(*line)) for line in reservation.lines),
    )


def _with_times(row: Row) -> Row:
    """The row with its times as times again."""
    texts = {name: getattr(row, name) for name in _TIMES if name in row._fields}
    times: dict[str, Any] = {
        name: datetime.fromisoformat(text) for name, text in texts.items() if text
    }
    return row._replace(**times)
