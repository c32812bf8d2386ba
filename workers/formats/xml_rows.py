"""Records of XML, read as it comes and never as a tree.

Python's expat is used as it is. What makes XML dangerous begins with a document type: entities that
grow, files and addresses that they name. Here the first sign of one ends the reading, so nothing
has to be told from one another; a library would do no more, and is one more to keep. Depth, text
and what comes without any event are bounded besides.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.parsers import expat

from hub.domain.errors import InvalidInput
from workers.formats.mapped import Row, refused
from workers.formats.reading import Finding
from workers.formats.text_lines import Readable
from workers.formats.xml_paths import Element, Path, Step, fits

MAX_DEPTH: Final = 64
MAX_ATTRIBUTES: Final = 256
"""Of one element."""
MAX_TEXT_LENGTH: Final = 1 << 16
"""Characters of a value that is mapped; others are not kept."""
MAX_SILENT_BYTES: Final = 1 << 20
"""In which no element begins or ends and no text comes: one tag or comment, that is."""
_BLOCK_BYTES: Final = 1 << 16
_BETWEEN: Final = "\x1f"
"""Between namespace and name: no character that XML can hold."""


class XmlRows:
    """Follows the elements of a document, and keeps of it the values of one record."""

    def __init__(
        self, records: Sequence[Path], fields: Mapping[str, Path], names: Mapping[str, str]
    ) -> None:
        """`records` are their paths from the root; `names` are what people call the fields."""
        self._records = [path.steps for path in records]
        self._fields = fields
        self._names = names
        self._open: list[Element] = []
        self._record_depth = 0
        """Of the open record; 0 outside of one."""
        self._line = 0
        self._values: dict[str, str] = {}
        """Of the record, and of the document around it."""
        self._texts: list[tuple[str, int, list[str]]] = []
        """Field, depth and text so far of the open elements whose text is mapped."""
        self._text_length = 0
        self._repeated: str | None = None
        """A field that the record has twice."""
        self._done: list[Row | Finding] = []
        self._heard = False
        self._parser = parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def rows(self, stream: Readable) -> Iterator[Row | Finding]:
        """The records, one at a time. Raises `InvalidInput` where it is no XML any more."""
        silent = 0
        while True:
            block = stream.read(_BLOCK_BYTES)
            self._heard = False
            try:
                self._parser.Parse(block, not block)
            except expat.ExpatError as error:
                field = f"line {error.lineno}"
                reason = expat.ErrorString(error.code)
                raise InvalidInput(field=field, problem=f"is not XML: {reason}") from None
            except (LookupError, ValueError):
                problem = "is in an encoding that is not read; send UTF-8"
                raise InvalidInput(field="encoding", problem=problem) from None
            yield from self._done
            self._done.clear()
            if not block:
                return
            silent = 0 if self._heard else silent + len(block)
            if silent > MAX_SILENT_BYTES:
                line = self._parser.CurrentLineNumber
                problem = f"goes on for over {MAX_SILENT_BYTES} bytes without an element"
                raise InvalidInput(field=f"line {line}", problem=problem)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._heard = True
        if len(self._open) >= MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES:
            problem = f"is nested deeper than {MAX_DEPTH}, or has over {MAX_ATTRIBUTES} attributes"
            raise InvalidInput(field=f"line {self._parser.CurrentLineNumber}", problem=problem)
        namespace, _, local = name.rpartition(_BETWEEN)
        by_name = {one.rpartition(_BETWEEN)[2]: value for one, value in attributes.items()}
        self._open.append(Element(namespace, local, by_name))
        if not self._record_depth and any(fits(one, self._open) for one in self._records):
            self._record_depth = len(self._open)
            self._line = self._parser.CurrentLineNumber
        in_record = self._open[self._record_depth :] if self._record_depth else None
        for field, path in self._fields.items():
            if path.absolute:
                self._forget(field, path.steps)
                if fits(path.steps, self._open):
                    self._begin(field, path)
            elif in_record is not None and fits(path.steps, in_record):
                self._begin(field, path)

    def _forget(self, field: str, steps: Sequence[Step]) -> None:
        """What stood around the records before does not hold for those that are elsewhere."""
        depth, newest = len(self._open), self._open[-1]
        if depth > len(steps) or not fits(steps[: depth - 1], self._open[:-1]):
            return
        step = steps[depth - 1]
        if step.fits(newest) if depth == len(steps) else step.name == newest.name:
            self._values.pop(field, None)

    def _begin(self, field: str, path: Path) -> None:
        value = "" if path.attribute is None else self._open[-1].attributes.get(path.attribute)
        if value is None:
            return
        if field in self._values:
            self._repeated = field
            return
        self._values[field] = value
        if path.attribute is None:
            self._texts.append((field, len(self._open), []))

    def _text(self, text: str) -> None:
        self._heard = True
        for _, depth, parts in self._texts:
            # The text of an element is not that of those within.
            if depth == len(self._open):
                self._text_length += len(text)
                if self._text_length > MAX_TEXT_LENGTH:
                    line = self._parser.CurrentLineNumber
                    problem = f"has a value of more than {MAX_TEXT_LENGTH} characters"
                    raise InvalidInput(field=f"line {line}", problem=problem)
                parts.append(text)

    def _end(self, name: str) -> None:
        self._heard = True
        depth = len(self._open)
        while self._texts and self._texts[-1][1] == depth:
            field, _, parts = self._texts.pop()
            self._values[field] = "".join(parts).strip()
        if not self._texts:
            self._text_length = 0
        if depth == self._record_depth:
            self._done.append(self._record())
            self._record_depth = 0
            self._repeated = None
            for field, path in self._fields.items():
                if not path.absolute:
                    self._values.pop(field, None)
        self._open.pop()

    def _record(self) -> Row | Finding:
        if self._repeated is not None:
            problem = "stands twice in the record; name an attribute, as in Quantity[@unit='EA']"
            return refused("REPEATED", problem, self._line, self._names[self._repeated])
        return Row(self._line, [self._values.get(field) for field in self._fields])


def _refuse_document_type(*_: object) -> None:
    raise InvalidInput(
        field="file", problem="has a document type (DOCTYPE), which is not read; leave it out"
    )
