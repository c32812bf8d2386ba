"""CloudEvents of the hub's own types, as its door takes them: structured, batched and binary."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final

from hub.domain.errors import InvalidInput
from hub.domain.events import event_from
from hub.domain.received_events import events_of
from workers.formats.json_documents import read_each
from workers.formats.known_options import check_known
from workers.formats.reading import Change, Envelope, Format, Place, Reading


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, ())


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    return read_each(
        content, lambda value, line: _changes(value, line, envelope.headers), "an event"
    )


def _changes(value: Any, line: int, headers: Mapping[str, str]) -> Iterator[Reading]:
    # A batch was taken apart already: it is a list like any other.
    for raw in events_of(value, "", headers):
        event = event_from(raw)
        yield Change(event.type, _exact(event.data), Place(line), event.time, event.id)


def _exact(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {name: _plain(value) for name, value in data.items()}
    except RecursionError:
        raise InvalidInput(field="data", problem="is nested too deeply") from None


def _plain(value: Any) -> Any:
    """Numbers with decimals as the text that they were written in."""
    if isinstance(value, str):
        # Most are.
        return value
    if isinstance(value, Decimal | float):
        return str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value


FORMAT: Final = Format(
    name="cloudevents",
    summary="CloudEvents 1.0 of the hub's own types: structured, batched or binary.",
    media_types=(
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    ),
    check=_check,
    read=_read,
)
