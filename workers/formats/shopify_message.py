"""A webhook of Shopify with what its headers say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from workers.formats.json_fields import Node, identifier_of, warning
from workers.formats.reading import Change, Finding, Place

_EXACT: Final = 2**53
"""Beyond it, whoever reads a JSON number as a float writes down another."""


@dataclass(frozen=True, slots=True)
class Message:
    """One document of one topic."""

    topic: str
    body: Node
    line: int
    options: Mapping[str, Any]
    event: str | None = None
    """The id of what happened, the same on every delivery of it."""
    told_at: datetime | None = None
    """When Shopify triggered it, finer than the whole seconds of the document."""
    doubts: list[Finding] = field(default_factory=list)
    """What was noticed while fields were read."""

    def change(
        self, kind: str, data: dict[str, Any], key: str, time: datetime | None = None
    ) -> Change:
        """A change with the id of the event; `key` tells it from others of the same event."""
        id = None if self.event is None else f"{self.event}:{self.topic}:{key}"
        return self.fact(kind, data, id, time or self.told_at)

    def fact(
        self, kind: str, data: dict[str, Any], id: str | None, time: datetime | None
    ) -> Change:
        """A change with an id of its own, the same in whichever topic it is told."""
        return Change(kind, data, Place(self.line), time, id)

    def exact(self, node: Node, name: str, text: str | None = None) -> str:
        """An id that Shopify writes as a number, better as `text` of a global id if that is there.

        A number beyond 2^53 may have been rounded on its way, and is doubted.
        """
        if text:
            return identifier_of(text, node.at(name))
        value = node.get(name)
        if isinstance(value, int) and abs(value) > _EXACT:
            problem = f"{node.at(name)} is a number beyond 2^53 and may have been rounded"
            self.doubts.append(warning("ROUNDED_ID", problem, self.line, node.at(name)))
        return identifier_of(value, node.at(name))


def tail_of(global_id: str) -> str:
    """`42` of `gid://shopify/Order/42`."""
    return global_id.rpartition("/")[2]
