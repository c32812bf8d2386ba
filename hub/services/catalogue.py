"""What there is to be sold, where it lies and where it is sold."""

import base64
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

import orjson

from hub.domain.errors import InvalidInput, UnknownLocation, UnknownSku
from hub.domain.policies import Channel, Policy
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Line, Quantity
from hub.services.rules import RulesCache
from hub.store import catalogue as rows
from hub.store.database import Database
from hub.store.models import ChannelRow, LocationRow, PolicyRow

T = TypeVar("T")

MAX_NAME_BYTES: Final = 1_500
"""Of an item's name, in UTF-8: indexes hold it next to a word, an sku, a channel or a category."""
MAX_MEMBERS: Final = 200
"""Items of a family that are read when it is asked for, the first by name."""
_MAX_PLACE = 2**53
"""Above every number in a cursor of ours: microseconds, versions, ids."""


class Page(NamedTuple, Generic[T]):
    """A stretch of a longer list; each node has the cursor that continues behind it."""

    nodes: list[T]
    cursors: list[str]
    has_next: bool
    total: int | None = None
    total_is_exact: bool = True
    """Else there are at least so many."""
    stopped_at: str | None = None
    """The cursor where the search for more was given up, if it was before the page was full."""


class CatalogueItem(NamedTuple):
    """An item as shops show it. `attributes` are the shop's own and mean nothing to the hub."""

    sku: str
    name: str
    family: str | None = None
    category: str | None = None
    unit: str = "piece"
    discontinued: bool = False
    attributes: Mapping[str, Any] = {}
    quantity_step: Quantity = UNIT
    released_at: datetime | None = None


class LocationInfo(NamedTuple):
    """A place that holds stock."""

    id: str
    name: str
    country: str | None = None
    time_zone: str = "UTC"
    latitude: float | None = None
    longitude: float | None = None


class Catalogue:
    """Reads and maintains items, locations, channels and policies."""

    def __init__(self, database: Database, rules: RulesCache) -> None:
        self._database = database
        self._rules = rules

    async def items(self, principal: Principal, skus: Sequence[str]) -> dict[str, CatalogueItem]:
        """The items that exist among `skus`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        found = await rows.read_items(self._database, skus)
        return {row["sku"]: _item(row) for row in found}

    async def families(
        self, principal: Principal, families: Sequence[str]
    ) -> dict[str, list[CatalogueItem]]:
        """The items of each family, by name: the first `MAX_MEMBERS`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        members: dict[str, list[CatalogueItem]] = {family: [] for family in families}
        for row in await rows.read_families(self._database, families, MAX_MEMBERS):
            members[row["family"]].append(_item(row))
        return members

    async def locations(self, principal: Principal) -> list[LocationInfo]:
        """All locations, by id."""
        principal.require(AccessScope.AVAILABILITY_READ)
        return [LocationInfo(**row) for row in await rows.read_locations(self._database)]

    def channels(self, principal: Principal) -> list[Channel]:
        """All channels, by id."""
        principal.require(AccessScope.AVAILABILITY_READ)
        return list(self._rules.current.channels.values())

    def default_channel(self) -> str | None:
        """The channel that is meant where none is named."""
        return self._rules.current.default_channel

    async def put_items(self, principal: Principal, items: Sequence[CatalogueItem]) -> None:
        """Add or replace items. Raises `InvalidInput` for a name that is too long."""
        principal.require(AccessScope.ADMIN)
        for item in items:
            if len(item.name.encode()) > MAX_NAME_BYTES:
                problem = f"{item.sku}: must have at most {MAX_NAME_BYTES} bytes"
                raise InvalidInput(field="name", problem=problem)
        await rows.put_items(self._database, [item._asdict() for item in items])
        await self._rules.refresh()

    async def put_locations(self, principal: Principal, locations: Sequence[LocationInfo]) -> None:
        """Add or replace locations."""
        principal.require(AccessScope.ADMIN)
        await rows.put_rows(self._database, LocationRow, [one._asdict() for one in locations])
        await self._rules.refresh()

    async def put_channels(
        self, principal: Principal, channels: Sequence[Channel], default: str | None = None
    ) -> None:
        """Add or replace channels; `default` is the one that is meant where none is named."""
        principal.require(AccessScope.ADMIN)
        locations = (await self._rules.refresh()).locations
        for channel in channels:
            _check_pool(channel, locations)
            self._rules.current.strategy(channel)
        values = [
            {**channel._asdict(), "pool": list(channel.pool), "is_default": channel.id == default}
            for channel in channels
        ]
        await rows.put_rows(self._database, ChannelRow, values)
        await self._rules.refresh()

    async def put_kits(self, principal: Principal, kits: Mapping[str, Sequence[Line]]) -> None:
        """Let items be kits of so many units of other items; of none, and it is a kit no longer.

        Raises `UnknownSku`, and `InvalidInput` for a kit in a kit.
        """
        principal.require(AccessScope.ADMIN)
        named = {*kits, *(line.sku for lines in kits.values() for line in lines)}
        found = await rows.read_items(self._database, named)
        missing = named - {row["sku"] for row in found}
        if missing:
            raise UnknownSku(skus=sorted(missing))
        known = (await self._rules.refresh()).kits
        for kit, components in kits.items():
            nested = [line.sku for line in components if line.sku in kits or line.sku in known]
            used = kit in self._rules.current.kits_with
            if nested or used or any(line.quantity <= 0 for line in components):
                problem = f"{kit}: a component must be an item of its own, and more than 0 of it"
                raise InvalidInput(field="kits", problem=problem)
        await rows.put_kits(self._database, kits)
        await self._rules.refresh()

    async def put_policies(
        self, principal: Principal, policies: Mapping[tuple[str, str], Policy]
    ) -> None:
        """Add or replace rules by (kind, target), such as ("location", "BER")."""
        principal.require(AccessScope.ADMIN)
        values = [
            {"id": f"{kind}:{target}", "kind": kind, "target": target, **policy._asdict()}
            for (kind, target), policy in policies.items()
        ]
        await rows.put_rows(self._database, PolicyRow, values)
        await self._rules.refresh()


def _check_pool(channel: Channel, locations: Collection[str]) -> None:
    unknown = [location for location in channel.pool if location not in locations]
    if unknown:
        raise UnknownLocation(location=unknown[0])
    if not channel.pool or len(set(channel.pool)) != len(channel.pool):
        # A location that counts twice would promise what it has twice.
        problem = f"the pool of {channel.id} must name at least one location, and each once"
        raise InvalidInput(field="pool", problem=problem)


def check_page_size(first: int, most: int) -> None:
    """Raise `InvalidInput` unless 1 <= first <= most."""
    if not 1 <= first <= most:
        raise InvalidInput(field="first", problem=f"must be between 1 and {most}")


def pages_of(
    skus: Iterable[str],
    found: Iterable[T],
    first: int,
    sku_of: Callable[[T], str],
    cursor_of_node: Callable[[T], str],
) -> dict[str, Page[T]]:
    """A page for each item, of what was found of all: of each at most one more than `first`."""
    by_sku: dict[str, list[T]] = {sku: [] for sku in skus}
    for node in found:
        by_sku[sku_of(node)].append(node)
    return {
        sku: Page(
            nodes[:first], [cursor_of_node(node) for node in nodes[:first]], len(nodes) > first
        )
        for sku, nodes in by_sku.items()
    }


def cursor_of(place: Sequence[Any]) -> str:
    """An opaque cursor of a place in a list."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def place_from(cursor: str, shape: tuple[type, ...]) -> list[Any]:
    """The place that `cursor_of` made a cursor of; `InvalidInput` for anything else."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        place = None
    if (
        not isinstance(place, list)
        or len(place) != len(shape)
        or not all(type(part) is kind for part, kind in zip(place, shape, strict=True))
        or any(isinstance(part, int) and abs(part) > _MAX_PLACE for part in place)
        or any(isinstance(part, str) and not part.isprintable() for part in place)
    ):
        raise InvalidInput(field="after", problem="is not a cursor of this list")
    return place


def _item(row: Mapping[str, Any]) -> CatalogueItem:
    return CatalogueItem(**row)
