"""ANSI X12: inventory (846), answers to orders (855), ship notices (856), receipts (861)."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from hub.domain.values import UNIT
from workers.formats.edi.options import Options, Role, options_from
from workers.formats.edi.x12.acknowledgement import read_acknowledgement
from workers.formats.edi.x12.document import TransactionSet, told_without_stock, unless_withdrawn
from workers.formats.edi.x12.interchange import X12Reader
from workers.formats.edi.x12.inventory import read_inventory
from workers.formats.edi.x12.order_answer import read_order_answer
from workers.formats.edi.x12.receipt import read_receipt
from workers.formats.edi.x12.reply import MEDIA_TYPE
from workers.formats.edi.x12.ship_notice import read_ship_notice
from workers.formats.edi.x12.tokens import Tokens
from workers.formats.reading import Envelope, Format, Reading

DEFAULTS: Final = Options(
    sku=("SK", "BP", "IN", "VP", "VN", "VC", "UP", "EN", "UK", "UI", "MG"),
    quantities={
        "17": Role.ON_HAND,
        "33": Role.AVAILABLE,
        "20": Role.UNAVAILABLE,
        "QC": Role.UNAVAILABLE,
        "QH": Role.UNAVAILABLE,
        "63": Role.ON_ORDER,
        "IQ": Role.IN_TRANSIT,
    },
    units={"DZ": 12 * UNIT},
    packs=frozenset(
        {
            *("BX", "CA", "CH", "CS", "CT", "PF", "PH", "PK", "PL", "TP"),
            # Of many: half a dozen, dozen pairs, gross, great gross, hundred, thousand.
            *("HD", "DZ", "DP", "GR", "GS", "GG", "HC", "TH", "T3"),
        }
    ),
    location_parties=("WH", "LW", "SF", "ST", "BY"),
    location_places=(),
    receiving_parties=("ST",),
    eta_dates=("371", "017", "067", "069", "002", "074"),
    ship_dates=("011", "068", "010", "370"),
    as_of_dates=("007", "097", "514"),
    snapshot=("05",),
)

_SETS: Final = {
    "846": TransactionSet("IB", [frozenset({"LIN"})], unless_withdrawn(1, read_inventory)),
    "855": TransactionSet("PR", [frozenset({"PO1"})], unless_withdrawn(1, read_order_answer)),
    "856": TransactionSet(
        "SH", [frozenset({"HL"}), frozenset({"LIN"})], unless_withdrawn(1, read_ship_notice)
    ),
    "861": TransactionSet("RC", [frozenset({"RCD"})], unless_withdrawn(3, read_receipt)),
    "832": TransactionSet("SC", [frozenset({"LIN"})], told_without_stock("a catalogue (832)")),
    "850": TransactionSet("PO", [frozenset({"PO1"})], told_without_stock("an order (850)")),
    "997": TransactionSet("FA", [], read_acknowledgement),
}


def _check(options: Mapping[str, Any]) -> None:
    options_from(options, DEFAULTS)


def _read(stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    return X12Reader(Tokens(stream), _SETS, options_from(options, DEFAULTS), envelope).read()


FORMAT: Final = Format(
    "x12",
    "ANSI X12 interchanges: 846 inventory, 855, 856 and 861 for supply; answered by a 997.",
    (MEDIA_TYPE,),
    _check,
    _read,
)
