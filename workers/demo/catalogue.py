"""The demo shop's catalogue, places, channels and rules, built from its families.

Everything is the same at every start, so that a picture in the documentation stays true.
"""

import re
from typing import Final

from hub.domain.policies import GLOBAL, Channel, Policy
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem, LocationInfo
from workers.demo.families import COLOURS, FAMILIES, Family

BERLIN: Final = "BER"
ROTTERDAM: Final = "RTM"
LYON: Final = "LYS"
COPENHAGEN: Final = "CPH"

DEFAULT_CHANNEL: Final = "web-eu"

DISCONTINUED: Final = "LAMP-PILOT-CLAY"
"""Sold off last season; a few are still on the shelf and must not be sold."""

LOCATIONS: Final = (
    LocationInfo(BERLIN, "Berlin warehouse", "DE", "Europe/Berlin"),
    LocationInfo(ROTTERDAM, "Rotterdam warehouse", "NL", "Europe/Amsterdam"),
    LocationInfo(LYON, "Lyon warehouse", "FR", "Europe/Paris"),
    LocationInfo(COPENHAGEN, "Copenhagen shop", "DK", "Europe/Copenhagen"),
)

CHANNELS: Final = (
    Channel("web-eu", "Web shop", "en", "EUR", (BERLIN, ROTTERDAM, LYON)),
    Channel("web-nordic", "Nordic web shop", "da", "DKK", (COPENHAGEN, BERLIN)),
    Channel("marketplace", "Marketplace", "de", "EUR", (ROTTERDAM, BERLIN)),
)

POLICIES: Final = {
    GLOBAL: Policy(low_stock_mark=5 * UNIT),
    # The shop keeps one of each on display.
    ("location", COPENHAGEN): Policy(safety_stock=1 * UNIT),
    # Its orders arrive late and in bursts, so a few units never go there.
    ("channel", "marketplace"): Policy(safety_stock=3 * UNIT, low_stock_mark=10 * UNIT),
    # Plants travel badly: every tenth is replaced out of stock.
    ("category", "plants"): Policy(safety_stock=2 * UNIT, low_stock_mark=8 * UNIT),
    ("item", "TEAPOT-KYO-SOOT"): Policy(safety_stock=4 * UNIT),
    # Made to order once the shelf is empty.
    ("item", "CHAIR-CORNER-INK"): Policy(
        safety_stock=0, low_stock_mark=2 * UNIT, backorder_limit=20 * UNIT
    ),
    ("item", "MUG-FJORD-MOSS"): Policy(low_stock_mark=20 * UNIT),
}


def items() -> list[CatalogueItem]:
    """All 120 items, the variants of a family next to each other."""
    return [item for family in FAMILIES for item in _variants(family)]


def _variants(family: Family) -> list[CatalogueItem]:
    slug = re.sub(r"[^A-Z]+", "-", family.name.upper())
    family_id = f"{family.icon.upper()}-{slug}"
    title = family.name if family.icon == "plant" else f"{family.name} {family.icon}"
    variants = []
    for variant in family.variants.split():
        colour, _, size = variant.partition("/")
        sku = "-".join(filter(None, (family_id, colour.upper(), size)))
        attributes = {
            "colour": colour,
            "colourHex": COLOURS[colour],
            "price": family.price,
            "currency": "EUR",
            "blurb": family.blurb,
            "icon": family.icon,
        }
        if size:
            attributes["size"] = size
        variants.append(
            CatalogueItem(
                sku=sku,
                name=", ".join(filter(None, (title, colour, size))),
                family=family_id,
                category=f"{family.icon}s",
                unit="piece",
                discontinued=sku == DISCONTINUED,
                attributes=attributes,
            )
        )
    return variants
