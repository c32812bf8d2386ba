"""How change data capture writes decimals and times, and what they are."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hub.domain.errors import InvalidInput
from hub.domain.values import time_from
from workers.formats.times import OUT_OF_YEARS, can_be_meant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PER_SECOND: Final = {
    "seconds": 1,
    "milliseconds": 1_000,
    "microseconds": 1_000_000,
    "nanoseconds": 1_000_000_000,
}
_UTC_TEXT: Final = "utc"
_DAYS: Final = "days"
ENCODINGS: Final = (*_PER_SECOND, _DAYS, _UTC_TEXT)
_MAX_SCALE: Final = 100
_MAX_DECIMAL_BYTES: Final = 64
_TIME_TYPES: Final = {
    "io.debezium.time.Timestamp": "milliseconds",
    "io.debezium.time.MicroTimestamp": "microseconds",
    "io.debezium.time.NanoTimestamp": "nanoseconds",
    "io.debezium.time.Date": _DAYS,
    "org.apache.kafka.connect.data.Timestamp": "milliseconds",
    "org.apache.kafka.connect.data.Date": _DAYS,
}
_DECIMAL_TYPE: Final = "org.apache.kafka.connect.data.Decimal"


def check_encoding(encoding: Any, path: str) -> None:
    """Raises `InvalidInput` for what is neither a unit of time nor `{"scale": 2}`."""
    if isinstance(encoding, str) and encoding in ENCODINGS:
        return
    if isinstance(encoding, Mapping) and set(encoding) == {"scale"}:
        scale = encoding["scale"]
        if isinstance(scale, int) and not isinstance(scale, bool) and 0 <= scale <= _MAX_SCALE:
            return
    problem = f'must be one of {", ".join(ENCODINGS)}, or {{"scale": 2}} for base64 decimals'
    raise InvalidInput(field=path, problem=problem)


def encoding_of(field: Mapping[str, Any]) -> Any:
    """The encoding that a field of a Connect schema says it has; None for plain values."""
    name = field.get("name")
    if not isinstance(name, str):
        return None
    if name == _DECIMAL_TYPE:
        parameters = field.get("parameters")
        scale = parameters.get("scale") if isinstance(parameters, Mapping) else None
        text = str(scale)
        if text.isascii() and text.isdigit() and int(text[:4]) <= _MAX_SCALE:
            return {"scale": int(text[:4])}
        return None
    return _TIME_TYPES.get(name)


def decoded(value: Any, encoding: Any, path: str) -> Any:
    """What a value stands for: a `Decimal`, a time, or the value itself.

    A `VariableScaleDecimal` says itself what it is. Raises `InvalidInput` with `path`.
    """
    if isinstance(value, Mapping) and set(value) == {"scale", "value"}:
        return _decimal(value["value"], value["scale"], path)
    if encoding is None or isinstance(value, datetime | Decimal):
        return value
    if isinstance(encoding, Mapping):
        return _decimal(value, encoding["scale"], path)
    return _time(value, encoding, path)


def time_of(value: Any, path: str) -> datetime:
    """A decoded time, or RFC 3339 text; a bare number could be of any unit."""
    if isinstance(value, int) and not isinstance(value, bool):
        problem = "is a number: its encoding must say of what unit, such as microseconds"
        raise InvalidInput(field=path, problem=problem)
    time = value if isinstance(value, datetime) else time_from(value, path)
    if not can_be_meant(time):
        # Of a number in another unit, or of what databases write for no date.
        problem = f"is {time.isoformat()}, which {OUT_OF_YEARS}: is its encoding right?"
        raise InvalidInput(field=path, problem=problem)
    return time


def moment(value: Any, unit: str) -> datetime | None:
    """A time of so many units since 1970; None for what is no such time."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    seconds, rest = divmod(value, _PER_SECOND[unit])
    try:
        return _EPOCH + timedelta(
            seconds=seconds, microseconds=rest * 1_000_000 // _PER_SECOND[unit]
        )
    except OverflowError:
        return None


def _time(value: Any, encoding: str, path: str) -> datetime:
    if encoding == _UTC_TEXT:
        return _utc_text(value, path)
    time = moment(value * 86_400, "seconds") if encoding == _DAYS and _is_int(value) else None
    if encoding != _DAYS:
        time = moment(value, encoding)
    if time is None:
        raise InvalidInput(field=path, problem=f"must be a whole number of {encoding} since 1970")
    return time


def _utc_text(value: Any, path: str) -> datetime:
    problem = "must be a date and time without offset, such as 2026-11-21 10:00:00"
    try:
        time = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise InvalidInput(field=path, problem=problem) from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time_from(value, path)


def _decimal(value: Any, scale: Any, path: str) -> Decimal:
    """An unscaled number as big-endian two's complement in base64."""
    problem = "must be a decimal in base64 with a scale of 0 to 100"
    if not isinstance(value, str) or not _is_int(scale) or not 0 <= scale <= _MAX_SCALE:
        raise InvalidInput(field=path, problem=problem)
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(field=path, problem=problem) from None
    if not 1 <= len(raw) <= _MAX_DECIMAL_BYTES:
        raise InvalidInput(field=path, problem=problem)
    digits = str(abs(unscaled := int.from_bytes(raw, signed=True)))
    return Decimal((int(unscaled < 0), tuple(map(int, digits)), -scale))


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
