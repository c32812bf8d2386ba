"""XML of any shape: records are elements at a path, and their fields are paths in them."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from hub.domain.errors import InvalidInput
from workers.formats.mapped import Mapper, check_complete, check_mapping
from workers.formats.mapped_orders import read_mapped
from workers.formats.reading import Change, Envelope, Finding, Format
from workers.formats.xml_paths import Path, path_from
from workers.formats.xml_rows import XmlRows


def check(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for options that are none of XML, and paths that are none."""
    check_mapping(options, ("records", "namespaces"))
    _paths(options)
    check_complete(options, options.get("fields", {}))


def _paths(options: Mapping[str, Any]) -> tuple[Path, dict[str, Path]]:
    namespaces = options.get("namespaces", {})
    if not isinstance(namespaces, Mapping):
        raise InvalidInput(field="namespaces", problem="must be an object of addresses by prefix")
    records = path_from(options.get("records"), namespaces, "records")
    if not records.absolute or not records.steps or records.attribute is not None:
        raise InvalidInput(
            field="records", problem="must be a path from the root, such as /Stock/Item"
        )
    fields = options.get("fields", {})
    return records, {
        field: path_from(path, namespaces, f"fields.{field}") for field, path in fields.items()
    }


def read(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """What the records say; their place is the line that they begin in."""
    records, fields = _paths(options)
    names = options.get("fields", {})
    rows = XmlRows([records], fields, names).rows(stream)
    yield from read_mapped(Mapper(options, names), rows)


FORMAT: Final = Format(
    name="xml",
    summary="XML of any shape; its records and their fields are found by paths.",
    media_types=("application/xml", "text/xml"),
    check=check,
    read=read,
)
