"""Pages of an answer are read as one document, whatever they are written in."""

import io
from datetime import UTC, datetime

import pytest

from workers.formats.reading import Change, Envelope, Finding
from workers.formats.registry import FORMATS
from workers.polling.pages import Page, in_pages

NOW = Envelope(datetime(2026, 11, 22, tzinfo=UTC), "stock")


@pytest.mark.parametrize(
    ("format", "first", "second", "lines"),
    [
        ("csv", b"sku,on_hand\nA,1\nB,2\n", b"sku,on_hand\nC,3\n", [2, 3, 5]),
        ("ndjson", b'{"sku":"A","onHand":1}\n', b'{"sku":"B","onHand":2}\n\n', [1, 2]),
        ("json", b'[{"sku":"A","onHand":1}]', b'[{"sku":"B","onHand":2}]', [1, 2]),
    ],
)
def test_lines_are_counted_on(format: str, first: bytes, second: bytes, lines: list[int]) -> None:
    options = {"constants": {"location": "BER"}}
    if format != "csv":
        options["fields"] = {"sku": "sku", "onHand": "onHand"}
    both = Page(0, len(first)), Page(len(first), len(first) + len(second))
    FORMATS[format].check(options)
    read = list(in_pages(FORMATS[format], both).read(io.BytesIO(first + second), options, NOW))
    assert [one for one in read if isinstance(one, Finding)] == []
    assert [one.place.line for one in read if isinstance(one, Change)] == lines
