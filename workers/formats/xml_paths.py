"""Paths to elements and attributes of XML, as settings write them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput

MAX_PATH_LENGTH: Final = 500
_NAME: Final = r"[^\W\d][\w.\-]*"
_STEP: Final = re.compile(
    rf"(?:(?P<prefix>{_NAME}):)?(?P<name>{_NAME})"
    rf"(?:\[@(?P<attribute>{_NAME})='(?P<value>[^'\]]*)'\])?"
)


class Element(NamedTuple):
    """An open element; of attributes the local names."""

    namespace: str
    name: str
    attributes: Mapping[str, str]


class Step(NamedTuple):
    """What an element must be: its name, its namespace if that matters, and an attribute's value
    if that does."""

    name: str
    namespace: str | None = None
    attribute: str | None = None
    value: str = ""

    def fits(self, element: Element) -> bool:
        """Whether it is this element."""
        return (
            self.name == element.name
            and self.namespace in (None, element.namespace)
            and (self.attribute is None or element.attributes.get(self.attribute) == self.value)
        )


class Path(NamedTuple):
    """Where a value stands."""

    steps: tuple[Step, ...]
    attribute: str | None
    """Of the last element; None for its text."""
    absolute: bool
    """From the root, not from the record."""


def fits(steps: Sequence[Step], elements: Sequence[Element]) -> bool:
    """Whether these open elements, one in the other, are those of a path."""
    return len(steps) == len(elements) and all(
        step.fits(element) for step, element in zip(steps, elements, strict=True)
    )


def path_from(text: object, namespaces: Mapping[str, Any], field: str) -> Path:
    """A path such as `Item/Quantity[@unit='EA']`, `@code`, `.` or `/Root/Date`; `InvalidInput` for
    what is none."""
    problem = "must be a path such as Item/@code, Quantity[@unit='EA'] or /Root/Date"
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_PATH_LENGTH:
        raise InvalidInput(field=field, problem=problem)
    absolute = text.startswith("/")
    text = text[1:] if absolute else text
    # A slash within quotation marks is of a value.
    parts = re.findall(r"(?:'[^']*'|[^/'])+", text)
    if "/".join(parts) != text:
        raise InvalidInput(field=field, problem=problem)
    attribute = None
    if parts and parts[-1].startswith("@"):
        attribute = parts.pop()[1:]
        if re.fullmatch(rf"(?:{_NAME}:)?{_NAME}", attribute) is None:
            raise InvalidInput(field=field, problem=problem)
        attribute = attribute.rpartition(":")[2]
    if parts == ["."] and not absolute:
        parts = []
    elif not parts and attribute is None:
        raise InvalidInput(field=field, problem=problem)
    return Path(tuple(_step(one, namespaces, field) for one in parts), attribute, absolute)


def _step(text: str, namespaces: Mapping[str, Any], field: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        raise InvalidInput(field=field, problem=f"{text!r} is no step of a path")
    prefix = found["prefix"]
    if prefix is not None and prefix not in namespaces:
        raise InvalidInput(field=field, problem=f"the prefix {prefix} is not in namespaces")
    namespace = None if prefix is None else str(namespaces[prefix])
    return Step(found["name"], namespace, found["attribute"], found["value"] or "")
