"""What a reservation gets: units of the pool's stock, and beyond it units of what comes in.

All items of a request are looked at together, so that an item on two lines, or a component of two
kits, cannot pass twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from hub.domain.errors import InsufficientStock, InvalidInput, UnknownSku
from hub.domain.ledger import Ledger
from hub.domain.policies import Channel, Rules
from hub.domain.position import PositionKey
from hub.domain.sellable import beyond_stock, in_kits, sellable
from hub.domain.sourcing import Demand, Part, source
from hub.domain.supply import Peg, pegs_for
from hub.domain.values import UNIT, Line, LocationId, Quantity, Sku


class Asked(NamedTuple):
    """So many units of an item; `kit` is the item they were asked for as, if it is a kit."""

    sku: Sku
    quantity: Quantity
    kit: Sku | None = None


class Claim(NamedTuple):
    """Units of one location: of its stock or, beyond that, of what comes in there."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    kit: Sku | None = None
    waits: bool = False
    document: str | None = None
    promised_at: datetime | None = None


class Request(NamedTuple):
    """Who asks, and where: what sourcing depends on besides the items."""

    channel: Channel
    now: datetime
    destination: str | None = None
    given_back: Mapping[PositionKey, Quantity] = {}
    """Units that the same command gives back: they can be had again."""


def asked_of(lines: Iterable[Line], ledger: Ledger, rules: Rules) -> list[Asked]:
    """What is asked of each item, kits taken apart. Raises `UnknownSku`, and `InvalidInput` for a
    quantity that the item does not come in."""
    units: dict[tuple[Sku | None, Sku], Quantity] = {}
    unknown = []
    for sku, quantity in lines:
        item = ledger.items.get(sku)
        if item is None:
            unknown.append(sku)
            continue
        item.check_step(quantity, "quantity")
        components = rules.kits.get(sku)
        if components is None:
            units[(None, sku)] = units.get((None, sku), 0) + quantity
            continue
        for component, per_kit in components:
            key = (sku, component)
            units[key] = units.get(key, 0) + units_in(per_kit, quantity)
    if unknown:
        raise UnknownSku(skus=unknown)
    return [Asked(sku, quantity, kit) for (kit, sku), quantity in units.items()]


def units_in(per_kit: Quantity, kits: Quantity) -> Quantity:
    """Units of a component in so many kits."""
    units, rest = divmod(per_kit * kits, 1000)
    if rest:
        raise InvalidInput(field="quantity", problem="asks for a part of a component's unit")
    return units


def claims_for(
    asked: Sequence[Asked], ledger: Ledger, rules: Rules, request: Request
) -> list[Claim]:
    """Where all that is asked comes from; raises `InsufficientStock` with each item that falls
    short, and then nothing is claimed."""
    needs: dict[Sku, Quantity] = {}
    for one in asked:
        needs[one.sku] = needs.get(one.sku, 0) + one.quantity
        if one.kit is not None and ledger.items[one.kit].discontinued:
            raise InsufficientStock(lines=[_none_of(one, rules)])
    parts, missing = _from_stock(needs, ledger, rules, request)
    pegs: dict[Sku, list[Peg]] = {}
    short: dict[Sku, Quantity] = {}
    for sku, quantity in missing.items():
        room = _room_beyond_stock(sku, ledger, rules, request)
        if quantity > room:
            short[sku] = quantity - room
        else:
            pegs[sku] = _pegs(sku, quantity, ledger, request)
    if short:
        raise InsufficientStock(lines=_told(asked, needs, short, ledger, rules))
    if len(asked) == 1 and not pegs:
        kit = asked[0].kit
        return [Claim(sku, location, units, kit) for sku, location, units in parts]
    return _dealt_out(asked, parts, pegs)


def sellable_in(
    ledger: Ledger, rules: Rules, request: Request, sku: Sku, location: LocationId
) -> Quantity:
    """Units of an item that a location can sell to a channel, as availability counts them."""
    item = ledger.items[sku]
    if item.discontinued:
        return 0
    position = ledger.known_position(sku, location)
    if position is None:
        return 0
    safety = rules.withheld(item, location, request.channel.id, position.on_hand).value
    free = position.free
    if request.given_back:
        free += request.given_back.get((sku, location), 0)
    return sellable(free, position.backordered, safety, item.quantity_step)


def _from_stock(
    needs: Mapping[Sku, Quantity], ledger: Ledger, rules: Rules, request: Request
) -> tuple[list[Part], dict[Sku, Quantity]]:
    channel = request.channel
    sellable_at = partial(sellable_in, ledger, rules, request)
    demand = Demand(needs, channel.pool, sellable_at, rules.locations, request.destination)
    return source(demand, rules.strategy(channel))


def _room_beyond_stock(sku: Sku, ledger: Ledger, rules: Rules, request: Request) -> Quantity:
    waiting = sum(_waiting(sku, ledger, request).values())
    item = ledger.items[sku]
    return beyond_stock(item, waiting, rules, request.channel.id, request.now)


def _waiting(sku: Sku, ledger: Ledger, request: Request) -> dict[LocationId, Quantity]:
    return {one: ledger.position(sku, one).backordered for one in request.channel.pool}


def _pegs(sku: Sku, quantity: Quantity, ledger: Ledger, request: Request) -> list[Peg]:
    pool = request.channel.pool
    supply = [line for line in ledger.supply_of(sku) if line.location in pool]
    return pegs_for(quantity, supply, _waiting(sku, ledger, request), pool[0])


def _dealt_out(
    asked: Iterable[Asked], parts: Iterable[Part], pegs: Mapping[Sku, Iterable[Peg]]
) -> list[Claim]:
    """The units of each item, given to those who asked for it in their order."""
    heap: dict[Sku, list[Claim]] = {}
    for sku, location, units in parts:
        heap.setdefault(sku, []).append(Claim(sku, location, units))
    for sku, of_item in pegs.items():
        for location, document, units, promised_at in of_item:
            waiting = Claim(sku, location, units, None, True, document, promised_at)
            heap.setdefault(sku, []).append(waiting)
    claims = []
    for one in asked:
        left, units_left = heap[one.sku], one.quantity
        while units_left:
            claim = left[0]
            units = min(units_left, claim.quantity)
            claims.append(claim._replace(quantity=units, kit=one.kit))
            units_left -= units
            if units == claim.quantity:
                left.pop(0)
            else:
                left[0] = claim._replace(quantity=claim.quantity - units)
    return claims


def _told(
    asked: Sequence[Asked],
    needs: Mapping[Sku, Quantity],
    short: Mapping[Sku, Quantity],
    ledger: Ledger,
    rules: Rules,
) -> list[dict[str, object]]:
    """What falls short, in the words of the request: the kit, where only one kit asked."""
    told: dict[Sku, dict[str, object]] = {}
    for sku, missing in short.items():
        available = needs[sku] - missing
        askers = [one for one in asked if one.sku == sku]
        kit = askers[0].kit if len(askers) == 1 else None
        if kit is None:
            told[sku] = {"sku": sku, "requested": needs[sku], "available": available}
            continue
        of_kit = _none_of(askers[0], rules)
        per_kit = next(line.quantity for line in rules.kits[kit] if line.sku == sku)
        kits = in_kits(available, per_kit, ledger.items[kit])
        known = told.get(kit)
        if known is None or kits < known["available"]:  # type: ignore[operator]
            told[kit] = {**of_kit, "available": kits}
    return list(told.values())


def _none_of(asked: Asked, rules: Rules) -> dict[str, object]:
    kit = asked.kit or asked.sku
    per_kit = next(line.quantity for line in rules.kits[kit] if line.sku == asked.sku)
    return {"sku": kit, "requested": asked.quantity * UNIT // per_kit, "available": 0}
