"""Rows and records whose columns are mapped to an event's fields: the same for CSV, JSON, XML."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.known_options import check_choice, check_flag, check_known
from workers.formats.mapped_values import (
    Numbers,
    Unfit,
    check_time_options,
    event_id,
    free_text,
    identifier,
    order_lines,
)
from workers.formats.reading import Change, Finding, Place, Severity, printable

DEFAULT_EVENT: Final = "stock.set"
OPTIONS: Final = frozenset(
    {"event", "fields", "constants", "snapshot", "decimal", "time_format", "time_zone"}
)
"""What all mapped formats are told."""

LINE_FIELDS: Final = ("sku", "quantity", "location", "reservation")
"""What a row says of one line of an order."""


class Shape(NamedTuple):
    """The fields of an event's data."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    by_source: tuple[str, ...] = ()
    """Where no row tells it, the source says it for all; where rows do, each has to."""

    @property
    def fields(self) -> tuple[str, ...]:
        """All of them, and those of the event itself."""
        return (*self.required, *self.by_source, *self.optional, "id", "time")


_AT: Final = ("location",)
_SUPPLY: Final = ("sku", "document")
_SHAPES: Final[Mapping[str, Shape]] = {
    "stock.set": Shape(
        ("sku", "onHand"), ("asOf", "unavailable", "includesOrdersUpTo", "reason"), _AT
    ),
    "stock.adjusted": Shape(("sku", "delta", "reason"), (), _AT),
    "supply.scheduled": Shape((*_SUPPLY, "quantity", "eta"), (), _AT),
    "supply.changed": Shape(_SUPPLY, ("quantity", "eta"), _AT),
    "supply.cancelled": Shape(_SUPPLY, (), _AT),
    "supply.received": Shape((*_SUPPLY, "quantity"), (), _AT),
    "order.placed": Shape(("order",), ("lines", *LINE_FIELDS), ("channel",)),
    "order.cancelled": Shape(("order",), ("lines", "sku", "quantity")),
    "order.shipped": Shape(("order",), ("lines", "sku", "quantity", "location")),
    "order.returned": Shape(("order",), ("lines", "sku", "quantity", "location")),
}
_WHOLE: Final = ("stock.set", "supply.scheduled")
"""Events that a snapshot can be made of."""

Convert = Callable[[Any], Any]


class Row(NamedTuple):
    """What a row says, in the order of the mapper's columns; what it does not say is None or
    empty."""

    line: int
    values: Sequence[object]


def event_of(options: Mapping[str, Any]) -> str:
    """The event that rows are made into; `InvalidInput` for one that there is not."""
    event = options.get("event", DEFAULT_EVENT)
    if not isinstance(event, str) or event not in _SHAPES:
        raise InvalidInput(field="event", problem=f"must be one of {', '.join(_SHAPES)}")
    return event


def shape_of(options: Mapping[str, Any]) -> Shape:
    """The fields of that event."""
    return _SHAPES[event_of(options)]


def check_mapping(options: Mapping[str, Any], own: Collection[str]) -> None:
    """Raises `InvalidInput` for what is wrong in the options that mapped formats share, and for
    options that are neither these nor the format's `own`."""
    check_known(options, OPTIONS | set(own))
    fields = options.get("fields", {})
    for name, value in (("fields", fields), ("constants", options.get("constants", {}))):
        if not isinstance(value, Mapping):
            raise InvalidInput(field=name, problem="must be an object")
        _check_fields(name, value, event_of(options))
    check_flag(options, "snapshot")
    if options.get("snapshot") and event_of(options) not in _WHOLE:
        raise InvalidInput(field="snapshot", problem=f"is only for {' and '.join(_WHOLE)}")
    check_choice(options, "decimal", (".", ","))
    for name in ("id", "order"):
        if name in options.get("constants", {}):
            raise InvalidInput(field=f"constants.{name}", problem="must differ from row to row")
    twice = sorted({*fields} & {*options.get("constants", {})})
    if twice:
        raise InvalidInput(field=f"constants.{twice[0]}", problem="is in fields, too")
    _constants(options, _converters(options))


def check_complete(options: Mapping[str, Any], fields: Collection[str]) -> None:
    """Raises `InvalidInput` unless the constants and these fields make an event."""
    shape = shape_of(options)
    have = {*fields, *options.get("constants", {})}
    missing = [name for name in shape.required if name not in have]
    if "lines" in shape.optional and "lines" not in have and ("sku" in have or _needs_lines(shape)):
        missing += [name for name in ("sku", "quantity") if name not in have]
    if missing:
        raise InvalidInput(
            field="fields",
            problem=f"nothing is found for {', '.join(missing)}: map it in fields, or set it in "
            "constants",
        )


def _needs_lines(shape: Shape) -> bool:
    return "channel" in shape.by_source


def _check_fields(option: str, value: Mapping[Any, Any], event: str) -> None:
    known = _SHAPES[event].fields
    for name in value:
        if name not in known:
            raise InvalidInput(
                field=f"{option}.{name}", problem=f"{event} has only {', '.join(known)}"
            )


def _converters(options: Mapping[str, Any], *, doubts_dot: bool = False) -> dict[str, Convert]:
    numbers = Numbers(options.get("decimal"), doubts_dot=doubts_dot)
    times = check_time_options(options)

    def watermark(value: object) -> str:
        try:
            return times.text(value)
        except Unfit:
            return identifier(value)

    return {
        **dict.fromkeys(("sku", "location", "document", "order", "channel"), identifier),
        **dict.fromkeys(("onHand", "unavailable", "delta", "quantity"), numbers.quantity),
        "reservation": identifier,
        "asOf": times.text,
        "eta": times.text,
        "time": times.moment,
        "id": event_id,
        "reason": free_text,
        "includesOrdersUpTo": watermark,
        "lines": lambda value: order_lines(value, numbers),
    }


def _constants(options: Mapping[str, Any], converters: Mapping[str, Convert]) -> dict[str, Any]:
    constants = {}
    for name, value in options.get("constants", {}).items():
        try:
            constants[name] = converters[name](value)
        except Unfit as error:
            raise InvalidInput(field=f"constants.{name}", problem=error.problem) from None
    return constants


class Mapper:
    """Makes changes of rows; what cannot be one is a finding with its line and column."""

    def __init__(
        self, options: Mapping[str, Any], names: Mapping[str, str], *, doubts_dot: bool = False
    ) -> None:
        """`names` are the sender's names of the fields that rows have. Raises `InvalidInput` where
        they do not make an event."""
        check_complete(options, names)
        shape, converters = shape_of(options), _converters(options, doubts_dot=doubts_dot)
        of_line = ("sku", "quantity") if "lines" in shape.optional else ()
        self.event = event_of(options)
        self.snapshot = bool(options.get("snapshot"))
        self.fields = tuple(names)
        """What the values of a row are of, in their order."""
        self._names = names
        self._constants = _constants(options, converters)
        self._converters = [converters[field] for field in names]
        self._required = {*shape.required, *shape.by_source, *of_line}.intersection(names)

    def readings(self, rows: Iterable[Row | Finding]) -> Iterator[Change | Finding]:
        """What rows say, one for each."""
        for row in rows:
            yield row if isinstance(row, Finding) else self.change(row)

    def change(self, row: Row) -> Change | Finding:
        """What one row says."""
        line, values = row
        data = self._constants.copy()
        field = ""
        try:
            for field, convert, value in zip(self.fields, self._converters, values, strict=True):
                if value or (value is not None and value != ""):
                    data[field] = convert(value)
        except Unfit as error:
            return refused(error.code, error.problem, line, self._names[field])
        if not self._required <= data.keys():
            missing = next(name for name in self.fields if name in self._required - data.keys())
            return refused("MISSING", "is empty", line, self._names[missing])
        id: str | None = data.pop("id", None)
        time: datetime | None = data.pop("time", None)
        return Change(self.event, data, Place(line), time, id, self.snapshot)


def refused(code: str, problem: str, line: int | None, column: str | None = None) -> Finding:
    """The finding that a row was left out."""
    return Finding(Severity.ERROR, code, printable(problem), Place(line, column))
