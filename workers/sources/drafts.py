"""A change that a sender told, turned into an event in the hub's words. Pure."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.commands import Command, Origin
from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.errors import HubError, InvalidInput
from hub.domain.events import command_from, event_from
from hub.domain.sources import OrdersIncluded, Source
from hub.domain.values import Quantity, quantity_from, quantity_text
from workers.formats.reading import Change, Finding, Place, Severity
from workers.sources.event_ids import EventNames

_QUANTITIES: Final = ("onHand", "unavailable", "delta", "quantity")


class Arrival(NamedTuple):
    """How something came from a source."""

    key: str
    """Names what was sent as a whole: the same when it is sent again."""
    received_at: datetime
    time: datetime | None = None
    """When it was so, where the sender tells of no time: the date of a file. A request has none."""


class Draft(NamedTuple):
    """An event to be, and the change it is made of."""

    change: Change
    event: Mapping[str, Any]
    command: Command
    """What it asks of the hub."""

    @property
    def skus(self) -> list[str]:
        """The hub's items that it names."""
        return [line["sku"] for line in _lines(self.event["data"])]


class Known(NamedTuple):
    """What the hub knows by the names that drafts have."""

    steps: Mapping[str, Quantity]
    """Items, with the step they are counted in."""
    kits: Set[str]
    locations: Set[str]
    channels: Set[str]


def draft_of(
    change: Change, source: Source, arrival: Arrival, names: EventNames
) -> Draft | Finding | None:
    """The event that a change asks for, or why it can not be one; None for what is none of the
    hub's business."""
    time = change.time or arrival.time
    # Before all else: what becomes of a change by the names of today is not to move the next one's.
    id = names.id_of(change, time)
    try:
        data = _in_our_words(change, source)
        if data is None:
            return None
        if change.type == "stock.set":
            _include_orders(data, source, time)
        raw: dict[str, Any] = {
            "specversion": "1.0",
            "id": id,
            "source": source.name,
            "type": change.type,
            "data": data,
        }
        if time is not None:
            raw["time"] = time.isoformat()
        event = event_from(raw)
        _check_text(raw)
        origin = Origin(source.name, f"{source.name}/{event.id}")
        draft = Draft(change, raw, command_from(event, origin, lambda: event.id))
        _check_time(draft, arrival.received_at)
    except InvalidInput as error:
        return refusal(change, error, error.data["field"])
    return draft


def misfit(draft: Draft, known: Known) -> Finding | None:
    """Why a draft can not be taken in the hub as it is, if it can not."""
    data = draft.event["data"]
    channel = data.get("channel")
    if channel is not None and channel not in known.channels:
        problem = f"no channel has the id {channel!r}; name it in channels.names of the source"
        return _finding(draft.change, "UNKNOWN_CHANNEL", "channel", problem)
    for line, told in zip(_lines(data), _lines(draft.change.data), strict=True):
        sku, location = line["sku"], line.get("location")
        step = known.steps.get(sku)
        if step is None:
            of = "" if told["sku"] == sku else f", which {told['sku']!r} of the sender became"
            problem = f"no item has the sku {sku!r}{of}; skus are case-sensitive"
            return _finding(draft.change, "UNKNOWN_SKU", "sku", problem)
        if sku in known.kits and not draft.change.type.startswith("order."):
            problem = f"{sku} is a kit and has no stock of its own: change that of its components"
            return _finding(draft.change, "IS_KIT", "sku", problem)
        if location is not None and location not in known.locations:
            return unknown_location(draft.change, location)
        for name in _QUANTITIES:
            if line.get(name) is not None and quantity_from(line[name]) % step:
                problem = f"{sku} is counted in steps of {quantity_text(step)}"
                return _finding(draft.change, "INVALID_INPUT", name, problem)
    return None


def unknown_location(change: Change, location: str) -> Finding:
    """A change whose location the hub does not know."""
    problem = f"no location has the id {location!r}; name it in locations.names of the source"
    return _finding(change, "UNKNOWN_LOCATION", "location", problem)


def refusal(change: Change, error: HubError, field: str | None = None) -> Finding:
    """A change that the hub refused, with its line and, where it is known, its column."""
    problem = error.data.get("problem") or error.message
    return _finding(change, error.code, field, problem)


def _finding(change: Change, code: str, field: str | None, problem: str) -> Finding:
    line, column = change.place
    if column is None and field is not None:
        column = field.removeprefix("data.")
    return Finding(Severity.ERROR, code, problem, Place(line, column))


def _lines(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What names an item: the lines of an order, or all of it."""
    if "sku" in data:
        yield data
    yield from data.get("lines") or ()


def _in_our_words(change: Change, source: Source) -> dict[str, Any] | None:
    data = dict(change.data)
    if change.type.startswith("order."):
        if "lines" in data:
            data["lines"] = _order_lines(data["lines"], source)
        if change.type != "order.placed":
            return data
        theirs, names, key = data.get("channel"), source.channels, "channel"
    else:
        if isinstance(data.get("sku"), str):
            data["sku"] = source.skus.ours(data["sku"].strip(), "data.sku")
        theirs, names, key = data.get("location"), source.locations, "location"
    if isinstance(theirs, str):
        theirs = theirs.strip()
        if theirs in names.ignored:
            return None
    elif theirs is not None:
        return data
    data[key] = names.ours(theirs)
    if data[key] is None:
        problem = f"is not told: name the one that is meant in {key}s.default of the source"
        raise InvalidInput(field=f"data.{key}", problem=problem)
    return data


def _order_lines(lines: object, source: Source) -> object:
    if not isinstance(lines, list):
        return lines
    return [_order_line(line, place, source) for place, line in enumerate(lines)]


def _order_line(line: object, place: int, source: Source) -> object:
    if not isinstance(line, Mapping):
        return line
    ours = dict(line)
    if isinstance(ours.get("sku"), str):
        ours["sku"] = source.skus.ours(ours["sku"].strip(), f"data.lines[{place}].sku")
    if isinstance(ours.get("location"), str):
        ours["location"] = source.locations.ours(ours["location"].strip())
    return ours


def _include_orders(data: dict[str, Any], source: Source, time: datetime | None) -> None:
    """Let a count say which orders it has taken off already, as the source's rule has it."""
    rule = source.include_orders
    if rule is OrdersIncluded.NONE:
        data.pop("includesOrdersUpTo", None)
    elif rule is OrdersIncluded.TIME:
        told = data.get("asOf") or (None if time is None else time.isoformat())
        if told is None:
            problem = "tells of no time, so it is not known which orders it includes"
            raise InvalidInput(field="data.asOf", problem=problem)
        data["includesOrdersUpTo"] = told


def _check_text(event: Mapping[str, Any]) -> None:
    """What the database could not keep would have the whole batch refused with it."""
    try:
        text = orjson.dumps(event)
    except TypeError as error:
        raise InvalidInput(field="data", problem=str(error)) from None
    if b"\\u0000" in text:
        raise InvalidInput(field="data", problem="must not hold the character U+0000")


def _check_time(draft: Draft, received_at: datetime) -> None:
    as_of = getattr(draft.command, "as_of", None)
    if as_of is not None and as_of > received_at + CLOCK_TOLERANCE:
        problem = f"{as_of.isoformat()} lies in the future: it would outdate every later count"
        raise InvalidInput(field="data.asOf", problem=problem)
