"""commercetools: messages of inventory entries, and entries as queries answer them.

A message has its id wherever it is sent again, and an entry its id and version. Messages of one
entry that come together are read in the order of their `sequenceNumber`, which the delivery does
not keep; of those that come apart, the older by `createdAt` changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.json_documents import Document, read_documents
from workers.formats.json_fields import (
    Node,
    failure,
    node_of,
    readings_or_finding,
    warning,
)
from workers.formats.known_options import check_choice, check_flag, check_known, check_text
from workers.formats.reading import Change, Envelope, Finding, Format, Place, Reading

_OPTIONS: Final = ("location", "quantity", "snapshot")
_TOGETHER: Final = 1_000
"""Messages that are brought into order among each other; memory is bounded by it."""
_AVAILABLE: Final = "available"
_WRAPPERS: Final = ("detail", "data")
"""Where EventBridge and CloudEvents put a message."""


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, _OPTIONS)
    check_text(options, "location")
    check_choice(options, "quantity", ("on_stock", _AVAILABLE))
    check_flag(options, "snapshot")


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    documents: list[Document] = []
    empty = True
    for document in read_documents(content):
        empty = False
        if isinstance(document, Finding):
            yield document
            continue
        documents.append(document)
        if len(documents) == _TOGETHER:
            yield from _read_together(documents, options)
            documents = []
    if empty:
        raise InvalidInput(field="body", problem="is empty; a message is a JSON object")
    yield from _read_together(documents, options)


def _read_together(documents: list[Document], options: Mapping[str, Any]) -> Iterator[Reading]:
    for document in _in_sequence(documents):
        readings = _read_document(document.value, document.line, options)
        yield from readings_or_finding(readings, document.line)


def _in_sequence(documents: list[Document]) -> Iterable[Document]:
    """Messages of the same resource by their sequence, in the places that they had among others."""
    places: dict[str, list[int]] = {}
    for place, document in enumerate(documents):
        resource = _sequence(document)[0]
        if resource is not None:
            places.setdefault(resource, []).append(place)
    ordered = list(documents)
    for own in places.values():
        told = sorted((documents[place] for place in own), key=lambda one: _sequence(one)[1])
        for place, document in zip(own, told, strict=True):
            ordered[place] = document
    return ordered


def _sequence(document: Document) -> tuple[str | None, int]:
    value = _unwrapped(document.value)
    if not isinstance(value, Mapping):
        return None, 0
    resource, number = value.get("resource"), value.get("sequenceNumber")
    id = resource.get("id") if isinstance(resource, Mapping) else None
    if not isinstance(id, str) or not isinstance(number, int):
        return None, 0
    return id, number


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping) and "resource" not in value:
        inner = next((value[name] for name in _WRAPPERS if name in value), None)
        if isinstance(inner, Mapping):
            return inner
    return value


def _read_document(value: Any, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    node = node_of(_unwrapped(value))
    if isinstance(node.get("results"), list):
        yield from _read_page(node, line, options)
    elif node.has("resource"):
        yield from _read_message(node, line, options)
    elif node.has("quantityOnStock"):
        yield from _read_entry(node, line, options)
    else:
        yield warning("NO_STOCK", "is neither a message nor an inventory entry", line)


def _read_page(page: Node, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    """What a query answers. It is a whole only if it is the only page of one without a filter."""
    only = page.get("offset") == 0 and page.has("total") and page.get("total") == page.get("count")
    whole = options.get("snapshot", False)
    if whole and not only:
        problem = "is one page of several: entries that it leaves out stay as they are"
        yield warning("PARTIAL_PAGE", problem, line)
    for entry in page.list("results"):
        if entry.has("resource"):
            readings = _read_message(entry, line, options)
        else:
            readings = _read_entry(entry, line, options, whole and only)
        yield from readings_or_finding(readings, line)


def _read_entry(
    entry: Node, line: int, options: Mapping[str, Any], whole: bool = False
) -> Iterator[Reading]:
    """An inventory entry as it is now."""
    version = entry.find_name("version")
    id = f"{entry.name('id')}:{version}" if entry.has("id") and version else None
    counted = _Counted(entry, "quantityOnStock", "availableQuantity")
    time = entry.find_time("lastModifiedAt")
    for reading in _count(counted, line, options, time, id):
        yield reading._replace(snapshot=whole) if isinstance(reading, Change) else reading


def _read_message(message: Node, line: int, options: Mapping[str, Any]) -> Iterator[Reading]:
    kind = message.text("type")
    if message.has("payloadNotIncluded"):
        problem = f"{kind[:50]} came without its payload, which was too large: poll the entries"
        yield failure("PAYLOAD_NOT_INCLUDED", problem, line, message.at("payloadNotIncluded"))
    elif counted_in := _READERS.get(kind):
        id, time = message.find_name("id"), message.find_time("createdAt")
        yield from _count(counted_in(message), line, options, time, id)
    else:
        what = kind or message.text("notificationType") or "a message without type"
        yield warning("NO_STOCK", f"{what[:100]!r} tells no quantity", line, message.at("type"))


class _Counted(NamedTuple):
    """Where a message has its quantities; None for one that it does not tell."""

    entry: Node
    on_stock: str | None = None
    available: str | None = None
    gone: bool = False
    """Whether nothing is left, without a field that says so."""


def _count(
    counted: _Counted,
    line: int,
    options: Mapping[str, Any],
    time: datetime | None,
    id: str | None,
) -> Iterator[Reading]:
    entry = counted.entry
    sku = entry.name("sku")
    channel = entry.find("supplyChannel")
    location = channel.name("id") if channel else options.get("location")
    if location is None:
        problem = f"{sku} has no supplyChannel: set the option location for entries without"
        yield failure("NO_LOCATION", problem, line, entry.at("supplyChannel"))
        return
    wants_available = options.get("quantity") == _AVAILABLE
    field = counted.available if wants_available else counted.on_stock
    if field is None and not counted.gone:
        yield warning("NO_STOCK", f"{sku}: the available quantity is not told", line, entry.path)
        return
    quantity = 0 if field is None else entry.quantity(field)
    data: dict[str, Any] = {"sku": sku, "location": location, "onHand": quantity}
    if time:
        data["asOf"] = time.isoformat()
        if wants_available:
            # What is reserved for orders is off already, and must not come off again.
            data["includesOrdersUpTo"] = time.isoformat()
    yield Change("stock.set", data, Place(line, entry.path or None), time, id)


def _quantity_set(message: Node) -> _Counted:
    return _Counted(message, "newQuantityOnStock", "newAvailableQuantity")


def _created(message: Node) -> _Counted:
    return _Counted(message.object("inventoryEntry"), "quantityOnStock", "availableQuantity")


def _deleted(message: Node) -> _Counted:
    return _Counted(message, gone=True)


def _out_of_stock(message: Node) -> _Counted:
    """Zero on stock. What is available may be less: orders wait for it."""
    return _Counted(Node({**message.value, "quantityOnStock": 0}, message.path), "quantityOnStock")


def _level_reached(message: Node) -> _Counted:
    return _Counted(message, "quantityOnStock")


_READERS: Final[Mapping[str, Callable[[Node], _Counted]]] = {
    "InventoryEntryQuantitySet": _quantity_set,
    "InventoryEntryCreated": _created,
    "InventoryEntryDeleted": _deleted,
    "InventoryEntryOutOfStock": _out_of_stock,
    "InventoryEntryReorderPoint": _level_reached,
    "InventoryEntrySafetyStock": _level_reached,
}

FORMAT: Final = Format(
    name="commercetools",
    summary="commercetools: messages of inventory entries, and pages of a query for them.",
    media_types=("application/json",),
    check=_check,
    read=_read,
)
