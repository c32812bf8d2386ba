"""Options of formats: only those that exist, each of its kind."""

from collections.abc import Collection, Mapping
from typing import Any

from hub.domain.errors import InvalidInput


def check_known(options: Mapping[str, Any], known: Collection[str]) -> None:
    """Raises `InvalidInput` for an option that the format does not have."""
    for name in options:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none at all"
            raise InvalidInput(field=str(name), problem=f"is no option of it; it has: {listed}")


def check_text(options: Mapping[str, Any], *names: str) -> None:
    """Raises `InvalidInput` for an option that is there and no text."""
    for name in names:
        value = options.get(name)
        if value is not None and not (isinstance(value, str) and value):
            raise InvalidInput(field=name, problem="must be a text that is not empty")


def check_choice(options: Mapping[str, Any], name: str, choices: Collection[str]) -> None:
    """Raises `InvalidInput` for an option that is there and none of its choices."""
    if name in options and options[name] not in choices:
        raise InvalidInput(field=name, problem=f"must be one of {', '.join(sorted(choices))}")


def check_flag(options: Mapping[str, Any], *names: str) -> None:
    """Raises `InvalidInput` for an option that is there and neither true nor false."""
    for name in names:
        if name in options and not isinstance(options[name], bool):
            raise InvalidInput(field=name, problem="must be true or false")
