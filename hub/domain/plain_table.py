"""Reading what people configure as plain data, of a TOML file or JSON: each key by its type, and
none that nobody would read."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from hub.domain.errors import InvalidInput

Kind = TypeVar("Kind", bound=StrEnum)

MAX_NAMES: Final = 100_000
"""Of one mapping of names to names."""
MAX_NAME_LENGTH: Final = 200
"""Characters."""
MAX_DURATION: Final = timedelta(days=366)
_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_MAX_DEPTH: Final = 8
_MAX_INTEGER: Final = 2**63 - 1


class Table:
    """A table of keys and values. Every method raises `InvalidInput` with the path of the key and
    what would be right."""

    def __init__(self, data: object, path: str = "") -> None:
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            raise InvalidInput(field=path or "configuration", problem="must be a table of keys")
        self._data: Mapping[str, Any] = data
        self._path = path
        self._read: set[str] = set()

    def at(self, key: str) -> str:
        """The path of a key, as errors name it."""
        return f"{self._path}.{key}" if self._path else key

    def get(self, key: str) -> Any:
        """The value of a key, of any type; None if it is not there."""
        self._read.add(key)
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """One line of text. Without a default the key has to be there."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not _is_name(value):
            problem = f"must be a text of 1 to {MAX_NAME_LENGTH} printable characters"
            raise InvalidInput(field=self.at(key), problem=problem)
        return str(value)

    def text_or_none(self, key: str) -> str | None:
        """One line of text, or None if the key is not there."""
        return None if self.get(key) is None else self.text(key)

    def choice(self, key: str, default: Kind) -> Kind:
        """One of the values of an enumeration."""
        value = self.get(key)
        if value is None:
            return default
        kinds = type(default)
        if not isinstance(value, str) or value not in list(kinds):
            known = ", ".join(kinds)
            raise InvalidInput(field=self.at(key), problem=f"must be one of: {known}")
        return kinds(value)

    def duration(self, key: str) -> timedelta | None:
        """A whole number with its unit, such as `90s`, `15m`, `6h` or `2d`; None if the key is not
        there."""
        value = self.get(key)
        if value is None:
            return None
        parts = _DURATION.fullmatch(value) if isinstance(value, str) else None
        duration = None if parts is None else int(parts[1]) * _UNITS[parts[2]]
        if duration is None or duration > MAX_DURATION:
            problem = f"must be such as 90s, 15m, 6h or 2d, and at most {MAX_DURATION.days}d"
            raise InvalidInput(field=self.at(key), problem=problem)
        return duration

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """A list of texts, each once; empty if the key is not there."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > most or not all(map(_is_name, value)):
            raise InvalidInput(
                field=self.at(key), problem=f"must be a list of at most {most} texts"
            )
        return tuple(dict.fromkeys(value))

    def names(self, key: str) -> dict[str, str]:
        """Names by names; empty if the key is not there."""
        value = self.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or len(value) > MAX_NAMES:
            problem = f"must be a table of at most {MAX_NAMES} names"
            raise InvalidInput(field=self.at(key), problem=problem)
        for theirs, ours in value.items():
            if not _is_name(theirs) or not _is_name(ours):
                path = f"{self.at(key)}[{theirs!r}]"
                raise InvalidInput(field=path, problem="must be a name for a name, both as texts")
        return dict(value)

    def table(self, key: str) -> "Table":
        """A table within this one; an empty one if the key is not there."""
        value = self.get(key)
        return Table({} if value is None else value, self.at(key))

    def json(self, key: str) -> dict[str, Any]:
        """A table of whatever JSON can hold; empty if the key is not there."""
        value = self.get(key)
        if value is None:
            return {}
        Table(value, self.at(key))
        _check_json(value, self.at(key), _MAX_DEPTH)
        return dict(value)

    def end(self) -> None:
        """Raise for keys that were not asked for: they would change nothing, and be missed."""
        for key in self._data:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise InvalidInput(
                    field=self.at(key), problem=f"is no key here; there are: {known}"
                )


def plain_duration(duration: timedelta) -> str:
    """What `Table.duration` reads, in the largest unit of which it is a whole number."""
    unit = next(name for name, one in _UNITS.items() if duration % one == timedelta())
    return f"{duration // _UNITS[unit]}{unit}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= MAX_NAME_LENGTH and value.isprintable()


def _check_json(value: object, path: str, depth: int) -> None:
    if depth == 0:
        raise InvalidInput(field=path, problem=f"must be at most {_MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise InvalidInput(field=path, problem="must have texts as keys")
            _check_text(key, path)
            _check_json(inner, f"{path}.{key}", depth - 1)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_json(inner, f"{path}[{place}]", depth - 1)
    elif isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, int | float):
        # What is not a number is not less than one, either.
        if not abs(value) <= _MAX_INTEGER:
            raise InvalidInput(field=path, problem=f"must be a number of at most {_MAX_INTEGER}")
    elif value is not None:
        raise InvalidInput(
            field=path, problem="must be a text, a number, true or false, a list or a table"
        )


def _check_text(text: str, path: str) -> None:
    """What the database could not keep."""
    if "\0" in text:
        raise InvalidInput(field=path, problem="must not hold the character U+0000")
