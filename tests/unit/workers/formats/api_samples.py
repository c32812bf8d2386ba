"""Messages of shops and databases that we wrote, and what each must be read into.

A sample is a JSON file: the format's options, the headers, the message (`body` is one JSON value,
`lines` one a line, `text` as it is), and the readings, without what is empty in them.
"""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from workers.formats import (
    amazon_sp_api,
    cloudevents,
    commercetools,
    debezium,
    magento,
    maxwell,
    shopify,
)
from workers.formats.reading import Change, Envelope, Finding, Format, Reading

GOLDEN: Final = Path(__file__).parent / "golden"
FORMATS: Final[Mapping[str, Format]] = {
    module.FORMAT.name: module.FORMAT
    for module in (
        amazon_sp_api,
        cloudevents,
        commercetools,
        debezium,
        magento,
        maxwell,
        shopify,
    )
}
RECEIVED_AT: Final = datetime(2031, 5, 1, 12, tzinfo=UTC)


class Sample(NamedTuple):
    """A message and what it must be read into."""

    format: Format
    options: dict[str, Any]
    headers: dict[str, str]
    content: bytes
    readings: list[dict[str, Any]]


def sample_paths() -> list[Path]:
    """All samples of these formats."""
    return [path for name in sorted(FORMATS) for path in sorted((GOLDEN / name).glob("*.json"))]


def sample_at(path: Path) -> Sample:
    """The sample in a file."""
    told = json.loads(path.read_text())
    if "text" in told:
        content = told["text"]
    elif "lines" in told:
        content = "\n".join(json.dumps(line) for line in told["lines"])
    else:
        content = json.dumps(told["body"])
    return Sample(
        FORMATS[path.parent.name],
        told.get("options", {}),
        told.get("headers", {}),
        content.encode(),
        told["readings"],
    )


def read(
    format: Format,
    content: bytes,
    options: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[Reading]:
    """All that a format makes of a message; its options are checked first, as they always are."""
    format.check(options or {})
    envelope = Envelope(RECEIVED_AT, headers=headers or {})
    return list(format.read(io.BytesIO(content), options or {}, envelope))


def changes(readings: Iterable[Reading]) -> list[Change]:
    """The changes among readings."""
    return [one for one in readings if isinstance(one, Change)]


def codes(readings: Iterable[Reading]) -> list[str]:
    """The codes of the findings among readings."""
    return [one.code for one in readings if isinstance(one, Finding)]


def plain(reading: Reading) -> dict[str, Any]:
    """A reading as a sample has it."""
    fields = dict(reading._asdict())
    place = fields.pop("place")
    fields |= {"line": place.line, "column": place.column}
    if fields.get("time"):
        fields["time"] = fields["time"].isoformat()
    return {name: value for name, value in fields.items() if value not in (None, False)}
