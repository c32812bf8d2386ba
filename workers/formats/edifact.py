"""UN/EDIFACT: inventory (INVRPT) and despatch advice (DESADV)."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from hub.domain.values import UNIT
from workers.formats.edi.edifact.acknowledgement import read_acknowledgement
from workers.formats.edi.edifact.despatch import read_despatch
from workers.formats.edi.edifact.interchange import EdifactReader
from workers.formats.edi.edifact.inventory import read_inventory
from workers.formats.edi.edifact.message import Message, unless_withdrawn
from workers.formats.edi.edifact.reply import MEDIA_TYPE
from workers.formats.edi.edifact.tokens import Tokens
from workers.formats.edi.options import Options, Role, options_from
from workers.formats.reading import Envelope, Format, Reading

DEFAULTS: Final = Options(
    sku=("BP", "IN", "SA", "VN", "SRV", "EN", "UP", "MF"),
    quantities={
        "17": Role.ON_HAND,
        "145": Role.ON_HAND,
        "33": Role.AVAILABLE,
        "124": Role.UNAVAILABLE,
        "21": Role.ON_ORDER,
        "46": Role.IGNORED,
        "48": Role.IGNORED,
    },
    units={"DZN": 12 * UNIT},
    packs=frozenset(
        {
            *("BX", "CA", "CS", "CT", "PA", "PF", "PK", "PX"),
            *("XBX", "XCA", "XCS", "XCT", "XPA", "XPF", "XPK", "XPX"),
            # Of many: half a dozen, dozens, gross, great gross, ten pairs, hundred, thousand.
            *("HD", "DZN", "DPC", "DPR", "DZP", "GRO", "GGR", "TPR", "CEN", "CNP", "MIL", "T3"),
        }
    ),
    location_parties=("WH", "SN", "GY", "ST", "DP"),
    location_places=("18", "14", "7"),
    receiving_parties=("DP", "ST", "UC"),
    eta_dates=("17", "132", "358", "69", "2"),
    ship_dates=("11", "10", "200"),
    as_of_dates=("366", "7", "137"),
    snapshot=("5",),
)

_MESSAGES: Final = {
    "INVRPT": Message(("LIN",), unless_withdrawn(read_inventory)),
    "DESADV": Message(("LIN",), unless_withdrawn(read_despatch)),
    "CONTRL": Message((), read_acknowledgement),
}


def _check(options: Mapping[str, Any]) -> None:
    options_from(options, DEFAULTS)


def _read(stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    return EdifactReader(
        Tokens(stream), _MESSAGES, options_from(options, DEFAULTS), envelope
    ).read()


FORMAT: Final = Format(
    "edifact",
    "UN/EDIFACT interchanges: INVRPT for stock and DESADV for supply; answered by a CONTRL.",
    (MEDIA_TYPE,),
    _check,
    _read,
)
