"""JSON as it comes: one document, a list of them, or one a line; with its numbers as written."""

import hashlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from hub.domain.errors import InvalidInput
from workers.formats.json_fields import failure, readings_or_finding
from workers.formats.reading import Finding, Reading

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""Of one document, which is held in memory as a whole; a file of lines may be of any length."""
MAX_DIGITS: Final = 300
"""Of a whole number: what is longer is no id and no quantity."""


class Document(NamedTuple):
    """A JSON value and where it stood: its line, or its entry in the list."""

    line: int
    value: Any


class NotJson(ValueError):
    """Says what is wrong with what should be JSON."""


def read_documents(content: BinaryIO) -> Iterator[Document | Finding]:
    """What stands in `content`: the entries of a list, one value a line, or one value.

    Nothing for nothing. A line that is no JSON is an error of its own; `InvalidInput` if there is
    no JSON at all. Whole numbers come as `int` and all others as `Decimal`: none is rounded.
    """
    lines = ((line, raw) for line, raw in _lines(content) if raw.strip())
    number, first = next(lines, (0, b""))
    following = next(lines, None)
    if following is None:
        yield from _entries(_parsed(first), number) if first else ()
        return
    try:
        value = _parsed(first)
    except InvalidInput as error:
        if not _looks_whole(first):
            yield from _entries(_parsed(first + following[1] + _rest(content, first)), number)
            return
        yield _refused(error, number)
    else:
        yield Document(number, value)
    for line, raw in chain([following], lines):
        try:
            yield Document(line, _parsed(raw))
        except InvalidInput as error:
            yield _refused(error, line)


def read_each(
    content: BinaryIO, read: Callable[[Any, int], Iterator[Reading]], what: str
) -> Iterator[Reading]:
    """What `read` makes of each value and its line; what is wrong in one leaves the others be.
    `InvalidInput` if there is none: it should have been `what`."""
    empty = True
    for document in read_documents(content):
        empty = False
        if isinstance(document, Finding):
            yield document
        else:
            yield from readings_or_finding(read(document.value, document.line), document.line)
    if empty:
        raise InvalidInput(field="body", problem=f"is empty; {what} is a JSON object")


def digest(value: Any) -> str:
    """A short name for a JSON value, the same whatever the order of its keys."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError:
        raise InvalidInput(field="body", problem="is nested too deeply") from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _entries(value: Any, line: int) -> Iterator[Document]:
    if isinstance(value, list):
        yield from (Document(entry, one) for entry, one in enumerate(value, 1))
    else:
        yield Document(line, value)


def parsed_json(raw: bytes, number: Callable[[str], Any]) -> Any:
    """The JSON value of some bytes; `number` makes its numbers with decimals of their text. Raises
    `NotJson` for what is none, and for what JSON's grammar lets pass and nobody should read."""
    try:
        return _decoder(number).decode(raw.decode(json.detect_encoding(raw), "surrogatepass"))
    except RecursionError:
        raise NotJson("is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"is not JSON: {error.msg} in {where}") from None


@cache
def _decoder(number: Callable[[str], Any]) -> json.JSONDecoder:
    """One for all: to make it takes as long as to read a small document."""
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_constant=_refuse_constant,
        parse_float=number,
        parse_int=_whole_number,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                # Which of the two is right cannot be known.
                raise NotJson(f"has the key {name[:64]!r} twice in one object")
            seen.add(name)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"has {name}, which is no number of JSON")


def _whole_number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise NotJson(f"has a number of {len(text)} digits")
    return int(text)


def _parsed(raw: bytes) -> Any:
    try:
        return parsed_json(raw, Decimal)
    except NotJson as error:
        raise InvalidInput(field="body", problem=str(error)) from None


def _looks_whole(line: bytes) -> bool:
    """Whether a line that does not parse was meant as a value of its own, among others."""
    text = line.strip()
    return text.startswith(b"{") and text.endswith(b"}")


def _lines(content: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := content.readline(MAX_DOCUMENT_BYTES + 1):
        _check_length(len(raw))
        number += 1
        yield number, raw


def _rest(content: BinaryIO, before: bytes) -> bytes:
    rest = content.read(MAX_DOCUMENT_BYTES + 1)
    _check_length(len(before) + len(rest))
    return rest


def _check_length(length: int) -> None:
    if length > MAX_DOCUMENT_BYTES:
        limit = f"{MAX_DOCUMENT_BYTES // 1024 // 1024} MiB"
        raise InvalidInput(
            field="body", problem=f"a JSON document is over {limit}: send one value a line"
        )


def _refused(error: InvalidInput, line: int) -> Finding:
    return failure("BAD_JSON", error.data["problem"], line)
