"""Google Merchant local inventory, in and out: what each store has of each product.

https://support.google.com/merchants/answer/3061342 tells its attributes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final, NamedTuple

from hub.domain.availability import Availability
from hub.domain.errors import InvalidInput
from hub.domain.status import AvailabilityStatus
from hub.domain.structured_data import google_date
from hub.domain.values import UNIT
from workers.formats.column_names import column_called
from workers.formats.delimited_rows import DelimitedRows, Dialect
from workers.formats.delimited_table import DelimitedTable
from workers.formats.known_options import check_flag, check_known
from workers.formats.mapped import Mapper, Row, refused
from workers.formats.reading import Change, Envelope, Finding, Format
from workers.formats.text_lines import Readable, check_encoding
from workers.formats.xml_paths import path_from
from workers.formats.xml_rows import XmlRows

MAX_ID_LENGTH: Final = 50
"""Characters of a product's id at Google's, which is fewer than a sku may have."""

_PEEKED_BYTES: Final = 512
"""In which a feed shows whether it is XML."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": ("id", "itemid"),
    "location": ("store code",),
    "onHand": ("quantity",),
    "availability": ("availability",),
}
_REQUIRED: Final = ("sku", "location")
_SOME: Final = ("in_stock", "limited_availability", "limited_stock")
_NONE: Final = ("out_of_stock", "on_display_to_order", "preorder", "backorder")
"""Words for what nobody can take along, whatever is shown."""

_NAMESPACES: Final = {"g": "http://base.google.com/ns/1.0"}
_RECORDS: Final = [path_from(path, {}, "") for path in ("/rss/channel/item", "/feed/entry")]
_PATHS: Final = {
    "sku": "g:id",
    "location": "g:store_code",
    "onHand": "g:quantity",
    "availability": "g:availability",
}
_XML_FIELDS: Final = {field: path_from(path, _NAMESPACES, "") for field, path in _PATHS.items()}


def check(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for options that are none of local inventory."""
    check_known(options, ("encoding", "in_stock_quantity", "snapshot"))
    check_flag(options, "snapshot")
    if options.get("encoding") is not None:
        check_encoding(options["encoding"])
    units = options.get("in_stock_quantity")
    if units is not None and (type(units) is not int or units < 1):
        raise InvalidInput(field="in_stock_quantity", problem="must be a whole number from 1")


def read(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """The count of each product in each store, of a text or an XML feed."""
    first = b""
    while len(first) < _PEEKED_BYTES and (more := stream.read(_PEEKED_BYTES)):
        first += more
    rejoined = _Rejoined(first, stream)
    if first.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        names: Mapping[str, str] = _PATHS
        rows = XmlRows(_RECORDS, _XML_FIELDS, _PATHS).rows(rejoined)
    else:
        text = DelimitedRows(rejoined, Dialect(encoding=options.get("encoding")))
        table = DelimitedTable(text)
        places = {field: _place(table, field) for field in _NAMES}
        names = {
            field: field if place is None else table.name_of(place)
            for field, place in places.items()
        }
        rows = table.rows([*places.values()])
    counts = {field: names[field] for field in ("sku", "location", "onHand")}
    mapper = Mapper({"decimal": ".", "snapshot": options.get("snapshot", False)}, counts)
    yield from mapper.readings(
        row if isinstance(row, Finding) else _count(row, names, options.get("in_stock_quantity"))
        for row in rows
    )


class _Rejoined:
    """A file whose beginning was looked at."""

    def __init__(self, first: bytes, rest: Readable) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """The next bytes, or fewer."""
        first, self._first = self._first, b""
        return first or self._rest.read(size)


def _place(table: DelimitedTable, field: str) -> int | None:
    for name in _NAMES[field]:
        found = column_called(name, table.header)
        if len(found) > 1:
            raise InvalidInput(field="header", problem=f"has more than one column {name}")
        if found:
            return found[0]
    if field in _REQUIRED:
        raise InvalidInput(field="header", problem=f"lacks the column {_NAMES[field][0]}")
    return None


def _count(row: Row, names: Mapping[str, str], in_stock_quantity: int | None) -> Row | Finding:
    """A row by its quantity, or by the word for it where that says how many there are."""
    line, (sku, store, quantity, said) = row
    word = str(said or "").strip().lower().replace(" ", "_")
    if word and word not in (*_SOME, *_NONE):
        problem = f"must be one of {', '.join((*_SOME, *_NONE))}"
        return refused("UNKNOWN_WORD", problem, line, names["availability"])
    if quantity:
        if word == "out_of_stock" and str(quantity).strip("0. ") and "-" not in str(quantity):
            problem = f"is {str(quantity)[:64]} of what is out of stock"
            return refused("CONTRADICTION", problem, line, names["onHand"])
    elif word in _NONE:
        quantity = 0
    elif word and in_stock_quantity is not None:
        quantity = in_stock_quantity
    elif word:
        problem = "is empty, and in stock is no number; set the option in_stock_quantity"
        return refused("NO_QUANTITY", problem, line, names["onHand"])
    return Row(line, (sku, store, quantity))


FORMAT: Final = Format(
    name="google-local-inventory",
    summary="Google Merchant local inventory, as a text or XML feed: counts by store.",
    media_types=("text/tab-separated-values", "application/xml"),
    check=check,
    read=read,
)


class StoreOffer(NamedTuple):
    """What one store has of a product, in Google's words."""

    store_code: str
    id: str
    quantity: int
    """Whole units that can be taken along."""
    availability: str
    availability_date: str = ""
    """Of what is ordered ahead; empty for all else."""


FEED_HEADER: Final = ("\t".join(StoreOffer._fields) + "\n").encode()


def local_inventory(answers: Iterable[Availability], *, ahead: bool = True) -> Iterator[bytes]:
    """The lines of a feed below its header, one for each location of the channel that has ever had
    the item. Left out are items whose sku is longer than Google's ids may be, and kits, which no
    store has as such. Without `ahead`, what can only be ordered ahead is out of stock."""
    for answer in answers:
        if len(answer.sku) <= MAX_ID_LENGTH:
            for offer in store_offers(answer, ahead=ahead):
                yield ("\t".join(map(str, offer)) + "\n").encode()


def store_offers(answer: Availability, *, ahead: bool = True) -> Iterator[StoreOffer]:
    """The stores of an answer that is told exactly. What can only be ordered ahead is so in each
    store without stock; without a date, which Google wants, it is out of stock."""
    date = google_date(answer) if ahead else None
    otherwise = answer.status if date is not None else AvailabilityStatus.OUT_OF_STOCK
    for part in answer.breakdown.locations:
        units = part.available_to_sell // UNIT
        status = otherwise
        if answer.status is AvailabilityStatus.DISCONTINUED:
            status = AvailabilityStatus.OUT_OF_STOCK
        elif units and answer.status is not AvailabilityStatus.PRE_ORDER:
            status = AvailabilityStatus.IN_STOCK
        taken = units if status is AvailabilityStatus.IN_STOCK else 0
        told = date.isoformat() if date is not None and status is answer.status else ""
        yield StoreOffer(part.location, answer.sku, taken, status.google, told)
