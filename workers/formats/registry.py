"""The formats that sources can be in, by name."""

from collections.abc import Mapping
from typing import Final

from workers.formats import delimited, google_local, json_records, xml_records
from workers.formats.reading import Format

_ALL: Final[tuple[Format, ...]] = (
    delimited.FORMAT,
    google_local.FORMAT,
    *json_records.FORMATS,
    xml_records.FORMAT,
)

FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}
"""Every format, by the name that settings call it."""

OPTION_CHECKS: Final = {one.name: one.check for one in _ALL}
"""What tells whether a format has such options, by the format's name."""
