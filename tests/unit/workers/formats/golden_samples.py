"""Reads samples as their expected output is written: one JSON object for each reading."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from workers.formats.reading import Change, Envelope, Finding, Format, Reading

GOLDEN: Final = Path(__file__).parent / "golden"
RECEIVED: Final = Envelope(datetime(2026, 1, 5, 10, 0, tzinfo=UTC))


def readings_of(
    format: Format, content: bytes, options: Mapping[str, Any] | None = None
) -> list[Reading]:
    """All that a format reads of some bytes, with options that it accepts."""
    format.check(options or {})
    return list(format.read(io.BytesIO(content), options or {}, RECEIVED))


def told(format: Format, content: bytes, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same as JSON; what is absent is left out."""
    return [_json(reading) for reading in readings_of(format, content, options)]


def _json(reading: Reading) -> dict[str, Any]:
    if isinstance(reading, Change):
        shown: dict[str, Any] = {"change": reading.type, "data": reading.data}
        if reading.time is not None:
            shown["time"] = reading.time.isoformat()
        if reading.id is not None:
            shown["id"] = reading.id
        if reading.snapshot:
            shown["snapshot"] = True
    elif isinstance(reading, Finding):
        shown = {reading.severity.lower(): reading.code, "problem": reading.problem}
    else:
        return {"reply": reading.content.decode().splitlines()}
    if reading.place.line is not None:
        shown["at"] = f"{reading.place.line} {reading.place.column}"
    return shown
