"""Text formats hold no more in memory than they must, and stop where there is no end."""

import io
import itertools
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

import pytest

from hub.domain.errors import InvalidInput
from tests.unit.workers.formats.golden_samples import RECEIVED, readings_of
from tests.unit.workers.formats.text_samples import FORMATS
from workers.formats.reading import Change, Finding, Reading

pytestmark = pytest.mark.slow

FIELDS = {"fields": {"sku": "s", "onHand": "q"}, "constants": {"location": "A"}}
XML = {"records": "/r/i", **FIELDS}
MEGABYTE = 1 << 20


class Endless:
    """A file that begins with something and goes on for ever."""

    def __init__(self, begin: bytes, again: bytes) -> None:
        self._begin = begin
        self._again = again
        self.sent = 0

    def read(self, size: int = -1) -> bytes:
        begin, self._begin = self._begin, b""
        piece = begin or self._again * (1 + (1 << 15) // len(self._again))
        self.sent += len(piece)
        return piece

    def readline(self, size: int) -> bytes:
        return self.read()[:size]


def _read(name: str, file: object, options: Mapping[str, Any]) -> Iterator[Reading]:
    FORMATS[name].check(options)
    return FORMATS[name].read(cast(BinaryIO, file), options, RECEIVED)


@pytest.mark.parametrize(
    ("name", "begin", "again", "options"),
    [
        ("csv", b"sku,store,qty\n", b"x", {}),
        ("csv", b"sku,store,qty\n", b"\0", {}),
        ("csv", b'sku,store,qty\n"', b"a line\n", {}),
        ("csv", b"", b"x,", {}),
        ("csv", b"\xff\xfe", b"xx", {}),
        ("json", b"[", b"[", FIELDS),
        ("json", b"[", b" ", FIELDS),
        ("xml", b"<r a='", b"x", XML),
        ("xml", b"<r><!--", b"x", XML),
        ("xml", b"<r>", b"<i>", XML),
        ("xml", b"<r><i><s>", b"x", XML),
        ("google-local-inventory", b"id\tstore code\tquantity\n", b"x", {}),
        ("google-local-inventory", b"<rss a='", b"x", {}),
    ],
)
def test_what_never_ends_is_refused_soon(
    name: str, begin: bytes, again: bytes, options: dict[str, Any]
) -> None:
    file = Endless(begin, again)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput):
            list(_read(name, file, options))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.sent < 10 * MEGABYTE
    assert peak < 40 * MEGABYTE


def test_text_of_xml_that_is_not_mapped_is_not_kept() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"<r><i><note>"
        yield from itertools.repeat(b"x" * 50_000, 200)
        yield b"</note><s>A-1</s><q>3</q></i></r>"
        yield from itertools.repeat(b"")

    class Pieces:
        left = pieces()

        def read(self, size: int) -> bytes:
            return next(self.left)

    tracemalloc.start()
    try:
        (change,) = _read("xml", Pieces(), XML)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(change, Change)
    assert change.data == {"sku": "A-1", "onHand": 3, "location": "A"}
    assert peak < MEGABYTE


@pytest.mark.parametrize(
    ("name", "header", "row", "options"),
    [
        ("csv", b"sku,store,qty\n", b"NL-%d,A,7\n", {}),
        ("ndjson", b"", b'{"s":"NL-%d","q":7}\n', FIELDS),
        ("xml", b"<r>", b"<i><s>NL-%d</s><q>7</q></i>", XML),
    ],
)
def test_memory_does_not_grow_with_the_rows(
    name: str, header: bytes, row: bytes, options: dict[str, Any]
) -> None:
    rows = 6_000
    file = io.BytesIO(header + b"".join(row % number for number in range(rows)))
    if name == "xml":
        file = io.BytesIO(file.getvalue() + b"</r>")
    tracemalloc.start()
    try:
        found = sum(isinstance(one, Change) for one in _read(name, file, options))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == rows
    assert peak < MEGABYTE


def test_a_row_with_a_cell_of_many_characters_is_left_out_alone() -> None:
    long = b"x" * 200_000
    content = b"sku,store,qty,note\nA-1,A,1,\nA-2,A,2,%s\nA-3,A,3,\n" % long
    first, second, third = readings_of(FORMATS["csv"], content)
    assert isinstance(first, Change)
    assert isinstance(second, Finding)
    assert (second.code, second.place.line) == ("CELL_TOO_LONG", 3)
    assert isinstance(third, Change)
    assert third.place.line == 4


def test_a_long_line_of_ndjson_is_left_out_alone() -> None:
    long = b'{"s":"%s"}' % (b"x" * (MEGABYTE + 10))
    first, second = readings_of(FORMATS["ndjson"], long + b'\n{"s":"A-1","q":1}', FIELDS)
    assert isinstance(first, Finding)
    assert (first.code, first.place.line) == ("LINE_TOO_LONG", 1)
    assert isinstance(second, Change)
    assert second.place.line == 2


def test_an_order_with_too_many_rows_is_a_mapping_gone_wrong() -> None:
    header, row = b"order,channel,sku,qty\n", b"O-1,web,A-1,1\n"
    (whole,) = readings_of(FORMATS["csv"], header + row * 5_000, {"event": "order.placed"})
    assert isinstance(whole, Change)
    assert len(whole.data["lines"]) == 5_000
    with pytest.raises(InvalidInput, match="is order mapped rightly"):
        readings_of(FORMATS["csv"], header + row * 5_001, {"event": "order.placed"})
