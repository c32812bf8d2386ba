"""JSON and NDJSON: records and their fields are found by JMESPath expressions."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult

from hub.domain.errors import InvalidInput
from workers.formats.json_documents import parsed_json
from workers.formats.mapped import Mapper, Row, check_complete, check_mapping, refused
from workers.formats.mapped_orders import read_mapped
from workers.formats.mapped_values import ExactNumber
from workers.formats.reading import Change, Envelope, Finding, Format

MAX_JSON_BYTES: Final = 8 << 20
"""Of one document, which takes up to twenty times that in memory; NDJSON has no such bound."""
MAX_LINE_BYTES: Final = 1 << 20
"""Of one line of NDJSON."""
_BLOCK_BYTES: Final = 1 << 20
MAX_EXPRESSION_LENGTH: Final = 1_000
_OF_DOCUMENT: Final = "$."
"""What an expression begins with that is looked up in the whole document, not in the record."""


class _Expressions(NamedTuple):
    records: ParsedResult
    fields: Mapping[str, tuple[bool, ParsedResult]]
    """Whether it is of the whole document, and what to look for."""


def check(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for options that are none of JSON, and expressions that are none."""
    check_mapping(options, ("records",))
    _compiled(options)
    check_complete(options, options.get("fields", {}))


def _compiled(options: Mapping[str, Any]) -> _Expressions:
    fields = {}
    for field, expression in options.get("fields", {}).items():
        text = expression if isinstance(expression, str) else ""
        inner = text.removeprefix(_OF_DOCUMENT)
        fields[field] = inner != text, _expression(inner, f"fields.{field}")
    return _Expressions(_expression(options.get("records", "@"), "records"), fields)


def _expression(text: object, field: str) -> ParsedResult:
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_EXPRESSION_LENGTH:
        problem = f"must be a JMESPath expression of 1 to {MAX_EXPRESSION_LENGTH} characters"
        raise InvalidInput(field=field, problem=problem)
    try:
        expression = jmespath.compile(text)
        unknown = _unknown_function(expression.parsed)
    except (JMESPathError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "is nested too deeply"
        raise InvalidInput(field=field, problem=f"is not JMESPath: {reason}") from None
    if unknown is not None:
        raise InvalidInput(field=field, problem=f"JMESPath has no function {unknown}")
    return expression


def _unknown_function(node: Mapping[str, Any]) -> str | None:
    if node["type"] == "function_expression" and node["value"] not in Functions.FUNCTION_TABLE:
        return str(node["value"])
    found = (_unknown_function(one) for one in node["children"] if isinstance(one, dict))
    return next((name for name in found if name is not None), None)


def read_document(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """What the records of one JSON document say; their place is their number."""
    expressions = _compiled(options)
    content = _whole(stream)
    try:
        document = parsed_json(content, ExactNumber)
        found = expressions.records.search(document)
    except _FAILURES as error:
        raise InvalidInput(field="file", problem=_why(error)) from None
    if found is None:
        raise InvalidInput(field="records", problem="the document has nothing at this place")
    entries = enumerate(found if isinstance(found, list) else [found], start=1)
    rows = (_row(expressions, document, record, number) for number, record in entries)
    yield from read_mapped(_mapper(options), rows)


def _whole(stream: BinaryIO) -> bytes:
    content = bytearray()
    while piece := stream.read(_BLOCK_BYTES):
        content += piece
        if len(content) > MAX_JSON_BYTES:
            problem = f"is over {MAX_JSON_BYTES} bytes; send more as ndjson, a record in each line"
            raise InvalidInput(field="file", problem=problem)
    return bytes(content)


def read_lines(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """What the lines of NDJSON say, each a document of its own."""
    yield from read_mapped(_mapper(options), _rows_of_lines(stream, _compiled(options)))


def _mapper(options: Mapping[str, Any]) -> Mapper:
    return Mapper(options, options.get("fields", {}))


def _rows_of_lines(stream: BinaryIO, expressions: _Expressions) -> Iterator[Row | Finding]:
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield refused("LINE_TOO_LONG", f"is longer than {MAX_LINE_BYTES} bytes", number)
            continue
        line = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip()
        if not line:
            continue
        try:
            document = parsed_json(line, ExactNumber)
            found = expressions.records.search(document)
        except _FAILURES as error:
            yield refused("BAD_JSON", _why(error), number)
            continue
        for record in found if isinstance(found, list) else [found]:
            yield _row(expressions, document, record, number)


def _row(expressions: _Expressions, document: Any, record: Any, number: int) -> Row | Finding:
    if not isinstance(record, dict | list):
        return refused("NOT_A_RECORD", "is neither an object nor a list", number)
    values = []
    for of_document, expression in expressions.fields.values():
        try:
            values.append(expression.search(document if of_document else record))
        except _FAILURES as error:
            return refused("EXPRESSION", _why(error), number, expression.expression)
    return Row(number, values)


_FAILURES: Final = (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)
"""JMESPath functions end with these where a value is not what they want."""


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    return str(error).splitlines()[0][:200] if str(error) else "cannot be read"


JSON: Final = Format(
    name="json",
    summary="A JSON document; its records and their fields are found by JMESPath.",
    media_types=("application/json",),
    check=check,
    read=read_document,
)
NDJSON: Final = Format(
    name="ndjson",
    summary="A JSON document in each line; its records and their fields are found by JMESPath.",
    media_types=("application/x-ndjson", "application/jsonl"),
    check=check,
    read=read_lines,
)
FORMATS: Final = (JSON, NDJSON)
