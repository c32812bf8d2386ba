"""Fields of a JSON document, read by what they must be: exact, and named where they are not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from hub.domain.errors import InvalidInput
from hub.domain.values import identifier_from, quantity_exact, quantity_from, time_from
from workers.formats.reading import Finding, Place, Reading, Severity, printable

_MAX_PROBLEM: Final = 300
"""Characters: a problem quotes the value at fault, which may be long."""
_MAX_COLUMN: Final = 200


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object and its path in the document. Its readers raise `InvalidInput` with the path
    of the field at fault; a name may have several spellings, of which the first there counts."""

    value: Mapping[str, Any]
    path: str = ""

    def has(self, *names: str) -> bool:
        """Whether any of the fields is there and not null."""
        return self.get(*names) is not None

    def get(self, *names: str) -> Any:
        """The value as it came; None where it is null or not there."""
        return next((self.value[name] for name in names if self.value.get(name) is not None), None)

    def _told(self, names: tuple[str, ...]) -> Any:
        value = self.get(*names)
        if value is None:
            raise InvalidInput(field=self.at(names[0]), problem="is missing")
        return value

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def object(self, *names: str) -> "Node":
        """An object, which must be there."""
        return node_of(self.get(*names), self.at(names[0]))

    def find(self, *names: str) -> "Node | None":
        """An object, or None where it is null or not there."""
        return self.object(*names) if self.has(*names) else None

    def list(self, *names: str) -> "list[Node]":
        """A list of objects, empty where it is null or not there."""
        value = self.get(*names)
        if value is None:
            return []
        path = self.at(names[0])
        if not isinstance(value, list):
            raise InvalidInput(field=path, problem="must be a list")
        return [node_of(one, f"{path}[{place}]") for place, one in enumerate(value)]

    def name(self, *names: str) -> str:
        """An identifier, which must be there; a whole number is one as it is written."""
        return identifier_of(self._told(names), self.at(names[0]))

    def find_name(self, *names: str) -> str | None:
        """An identifier, or None where it is null or not there."""
        return self.name(*names) if self.has(*names) else None

    def text(self, *names: str) -> str:
        """A text for comparing, empty where it is not there or no text."""
        value = self.get(*names)
        return value if isinstance(value, str) else ""

    def quantity(self, *names: str) -> int | str:
        """An exact quantity, which must be there: a whole number, else decimal text."""
        return quantity_of(self._told(names), self.at(names[0]))

    def count(self, *names: str) -> int:
        """A whole number of units, not negative."""
        value = self.quantity(*names)
        if not isinstance(value, int) or value < 0:
            path = self.at(names[0])
            raise InvalidInput(field=path, problem="must be a whole number, 0 or more")
        return value

    def time(self, *names: str) -> datetime:
        """A point in time, which must be there."""
        return time_from(self._told(names), self.at(names[0]))

    def find_time(self, *names: str) -> datetime | None:
        """A point in time, or None where it is null or not there."""
        return self.time(*names) if self.has(*names) else None


def node_of(value: Any, path: str = "") -> Node:
    """A JSON object to read fields of; `InvalidInput` for any other value."""
    if not isinstance(value, Mapping):
        raise InvalidInput(field=path or "body", problem="must be a JSON object")
    return Node(value, path)


def identifier_of(value: Any, path: str) -> str:
    """An identifier of text, or of a whole number as it is written."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if -(10**63) < value < 10**63 else ""
    return identifier_from(value, path)


def quantity_of(value: Any, path: str) -> int | str:
    """An exact quantity of a number or decimal text, never a float."""
    if isinstance(value, str):
        value = value.strip()
    return quantity_exact(quantity_from(value, path))


def negative(quantity: int | str) -> int | str:
    """The same quantity with the other sign."""
    return quantity_of(-Decimal(quantity), "quantity")


def readings_or_finding(readings: Iterator[Reading], line: int | None) -> Iterator[Reading]:
    """What is read, and an error in place of all from where a field is not what it must be."""
    try:
        yield from readings
    except InvalidInput as error:
        yield refused(error, line)


def refused(error: InvalidInput, line: int | None) -> Finding:
    """The finding that says what a field must be."""
    problem, field = str(error.data["problem"]), str(error.data["field"])
    return _finding(Severity.ERROR, "INVALID_VALUE", problem, line, field)


def warning(code: str, problem: str, line: int | None, column: str | None = None) -> Finding:
    """Something to know of that left nothing out."""
    return _finding(Severity.WARNING, code, problem, line, column)


def failure(code: str, problem: str, line: int | None, column: str | None = None) -> Finding:
    """Something that was left out."""
    return _finding(Severity.ERROR, code, problem, line, column)


def _finding(
    severity: Severity, code: str, problem: str, line: int | None, column: str | None
) -> Finding:
    place = Place(line, printable(column[:_MAX_COLUMN]) if column else None)
    return Finding(severity, code, printable(problem[:_MAX_PROBLEM]), place)
