"""What people call the columns of their files."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput

_QUANTITY: Final = "quantity, qty, menge, cantidad, quantité, quantità"
_NAMES: Final = {
    # Numbers first: the others are names, too, where both are told.
    "sku": "sku, seller sku, variant sku, item sku, article no, article number, article id,"
    " artikelnummer, artikelnr, art nr, item no, item number, item id, item code, part no,"
    " part number, product id, product code, product no, product number, material number, código,"
    " codice, article, artikel, item, part, product, material, artículo, référence, mpn,"
    " ean, ean13, gtin, gtin13, gtin14, upc, barcode",
    "location": "location, location id, location code, warehouse, warehouse id, warehouse code,"
    " whse, wh, store code, store id, store, site, plant, werk, lager, lagerort, lagernummer,"
    " filiale, branch, depot, source code, source, facility, node, almacén, entrepôt, magazzino",
    "onHand": "on hand, qty on hand, quantity on hand, on hand qty, on hand quantity,"
    " stock on hand, qoh, soh, stock, stock qty, stock quantity, stock level, inventory,"
    f" inventory quantity, inventory level, bestand, lagerbestand, {_QUANTITY}, available,"
    " available qty, available quantity, qty available, free stock, verfügbar, balance",
    "unavailable": "unavailable, damaged, blocked, gesperrt, sperrbestand, quarantine",
    "asOf": "as of, counted at, updated at, last updated, stock date, timestamp, datetime, date,"
    " stand, datum",
    "delta": f"delta, change, adjustment, difference, qty change, quantity change, {_QUANTITY}",
    "reason": "reason, reason code, grund",
    "quantity": f"{_QUANTITY}, expected qty, expected quantity, incoming qty, incoming quantity,"
    " ordered qty, ordered quantity",
    "eta": "eta, expected at, expected date, expected arrival, arrival date, delivery date,"
    " due date, restock date, available from, liefertermin, lieferdatum",
    "document": "document, document no, document number, po number, po no, po, purchase order,"
    " asn, asn number, shipment, shipment id, reference, bestellnummer, belegnummer",
    "order": "order, order id, order no, order number, order name, bestellung, auftragsnummer",
    "channel": "channel, sales channel, marketplace, shop",
    "time": "placed at, ordered at, order date, created at, bestelldatum",
}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_ALIASES: Final = {
    field: tuple(dict.fromkeys(_plain(name) for name in names.split(",")))
    for field, names in _NAMES.items()
}


class FoundColumn(NamedTuple):
    """The column of a field, by its place from 0, and others that could have been meant."""

    place: int
    others: tuple[str, ...] = ()


def column_called(name: str, header: Sequence[str]) -> list[int]:
    """The places of columns of this very name, or else of those that differ in letter case, spaces
    or punctuation only."""
    exact = [place for place, one in enumerate(header) if one == name]
    sought = _plain(name)
    return exact or [place for place, one in enumerate(header) if sought and _plain(one) == sought]


def find_columns(
    fields: Collection[str], header: Sequence[str], taken: Collection[int]
) -> dict[str, FoundColumn]:
    """The columns that are called as the fields usually are, the likeliest for each. `InvalidInput`
    where two of them are called the same."""
    by_name: dict[str, int] = {}
    twice = set()
    for place, name in enumerate(header):
        if place not in taken and by_name.setdefault(_plain(name), place) != place:
            twice.add(by_name[_plain(name)])
    found: dict[str, FoundColumn] = {}
    for field in fields:
        places = [by_name[alias] for alias in _ALIASES.get(field, ()) if alias in by_name]
        if places and places[0] in twice:
            problem = f"{header[places[0]]} stands twice; map {field} by the column's number"
            raise InvalidInput(field="header", problem=problem)
        if places:
            others = tuple(header[place] for place in places[1:])
            found[field] = FoundColumn(places[0], others)
    return found
