"""The samples of the text formats, each with what must be read of it beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.unit.workers.formats.golden_samples import GOLDEN
from workers.formats import delimited, google_local, json_records, xml_records
from workers.formats.reading import Format

FORMATS: Final[Mapping[str, Format]] = {
    one.name: one
    for one in (
        delimited.FORMAT,
        json_records.JSON,
        json_records.NDJSON,
        xml_records.FORMAT,
        google_local.FORMAT,
    )
}


class Sample(NamedTuple):
    """What was sent, and what is to be read of it."""

    name: str
    format: Format
    content: bytes
    options: dict[str, Any]
    expected: dict[str, Any]


def _sample(expected: Path) -> Sample:
    stem = expected.name.removesuffix(".expected.json")
    (content,) = (one for one in expected.parent.glob(f"{stem}.*") if one != expected)
    told = json.loads(expected.read_text(encoding="utf-8"))
    format = FORMATS[expected.parent.name]
    return Sample(f"{format.name}/{stem}", format, content.read_bytes(), told.pop("options"), told)


SAMPLES: Final = [
    _sample(expected)
    for name in FORMATS
    for expected in sorted((GOLDEN / name).glob("*.expected.json"))
]
