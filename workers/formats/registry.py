"""The formats that sources can be in, by name."""

from collections.abc import Mapping
from typing import Final

from workers.formats import (
    amazon_sp_api,
    cloudevents,
    commercetools,
    debezium,
    delimited,
    edifact,
    google_local,
    json_records,
    magento,
    maxwell,
    shopify,
    x12,
    xml_records,
)
from workers.formats.reading import Format

_ALL: Final[tuple[Format, ...]] = (
    delimited.FORMAT,
    *json_records.FORMATS,
    xml_records.FORMAT,
    x12.FORMAT,
    edifact.FORMAT,
    shopify.FORMAT,
    amazon_sp_api.FORMAT,
    commercetools.FORMAT,
    magento.FORMAT,
    debezium.FORMAT,
    maxwell.FORMAT,
    google_local.FORMAT,
    cloudevents.FORMAT,
)

FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}
"""Every format, by the name that settings call it."""

OPTION_CHECKS: Final = {one.name: one.check for one in _ALL}
"""What tells whether a format has such options, by the format's name."""
