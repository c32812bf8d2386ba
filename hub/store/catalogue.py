"""Reading and writing the catalogue: items, locations, channels, policies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.policies import Channel, Policy, Rules
from hub.domain.reservations import HoldStage
from hub.domain.sourcing import Place, Strategy
from hub.domain.values import Line
from hub.store.database import Database
from hub.store.locations_heard import read_stale_locations
from hub.store.models import ChannelRow, ItemRow, KitComponentRow, LocationRow, PolicyRow
from hub.store.source_health import read_doubts
from hub.store.transactions import run_tx

Row = dict[str, Any]

_FAMILIES = """
    select i.* from unnest($1::text[]) wanted (family), lateral (
        select sku, name, family, category, unit, quantity_step, discontinued, released_at,
               attributes
        from item where family = wanted.family
        order by name, sku
        limit $2
    ) i
    order by i.name, i.sku"""

NamedRow = TypeVar("NamedRow", LocationRow, ChannelRow, PolicyRow)


async def read_rules(
    database: Database, strategies: Mapping[str, Strategy], hold_seconds: Mapping[HoldStage, int]
) -> Rules:
    """All rules at their newest revision."""
    # The revision first: rules that change between the reads then look old, never new.
    revision = (await database.fetch("select revision from rules_revision"))[0]["revision"]
    channels = await read_channels(database)
    locations = await read_locations(database)
    policies = await database.by_model(lambda: PolicyRow.filter(kind__not="item").values())
    return Rules(
        channels={row["id"]: channel_from(row) for row in channels},
        locations={
            row["id"]: Place(row["country"], row["latitude"], row["longitude"]) for row in locations
        },
        policies={
            (row["kind"], row["target"]): Policy(*(row[name] for name in Policy._fields))
            for row in policies
        },
        default_channel=next((row["id"] for row in channels if row["is_default"]), None),
        revision=revision,
        kits=await read_kits(database),
        strategies=strategies,
        hold_seconds=hold_seconds,
        stale=await read_stale_locations(database),
        doubts=await read_doubts(database),
    )


def channel_from(row: Mapping[str, Any]) -> Channel:
    """A channel from its row."""
    return Channel(
        row["id"],
        row["name"],
        row["locale"],
        row["currency"],
        tuple(row["pool"]),
        row["sourcing"],
    )


async def read_kits(database: Database) -> dict[str, tuple[Line, ...]]:
    """All kits with their components."""
    rows = await database.by_model(lambda: KitComponentRow.all().order_by("id").values())
    kits: dict[str, tuple[Line, ...]] = {}
    for row in rows:
        kits[row["kit"]] = (*kits.get(row["kit"], ()), Line(row["component"], row["quantity"]))
    return kits


async def put_kits(database: Database, kits: Mapping[str, Sequence[Line]]) -> None:
    """Add or replace kits; one without components is a kit no longer."""
    rows = [
        KitComponentRow(id=f"{kit} {sku}", kit=kit, component=sku, quantity=quantity)
        for kit, components in kits.items()
        for sku, quantity in components
    ]

    async def write(client: BaseDBAsyncClient) -> None:
        await KitComponentRow.filter(kit__in=list(kits)).using_db(client).delete()
        await KitComponentRow.bulk_create(rows, using_db=client)

    await _put(database, write, kits)


async def read_channels(database: Database) -> list[Row]:
    """All channels by id."""
    return await database.by_model(lambda: ChannelRow.all().order_by("id").values())


async def read_locations(database: Database) -> list[Row]:
    """All locations by id."""
    return await database.by_model(lambda: LocationRow.all().order_by("id").values())


async def read_items(database: Database, skus: Iterable[str]) -> list[Row]:
    """The items that exist among `skus`."""
    wanted = list(skus)
    return await database.by_model(lambda: ItemRow.filter(sku__in=wanted).values())


async def read_families(database: Database, families: Iterable[str], most: int) -> list[Row]:
    """The items of these families, at most so many of each, by name."""
    rows = await database.fetch(_FAMILIES, [list(families), most])
    return [{**row, "attributes": orjson.loads(row["attributes"])} for row in rows]


async def put_items(database: Database, rows: Sequence[Row]) -> None:
    """Add or replace items."""
    columns = ("sku", "name", "family", "category", "unit", "quantity_step", "discontinued",
               "released_at")  # fmt: skip
    arrays: list[list[Any]] = [[row[column] for row in rows] for column in columns]
    arrays.append([orjson.dumps(row["attributes"]).decode() for row in rows])
    await _put(
        database,
        lambda client: client.execute_query_dict(
            """insert into item (sku, name, family, category, unit, quantity_step, discontinued,
                                 released_at, attributes)
               select sku, name, family, category, unit, step, discontinued, released_at,
                      attributes::jsonb
               from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                           $6::bigint[], $7::boolean[], $8::timestamptz[], $9::text[])
                 v (sku, name, family, category, unit, step, discontinued, released_at, attributes)
               on conflict (sku) do update set
                 name = excluded.name, family = excluded.family, category = excluded.category,
                 unit = excluded.unit, quantity_step = excluded.quantity_step,
                 discontinued = excluded.discontinued, released_at = excluded.released_at,
                 attributes = excluded.attributes""",
            arrays,
        ),
        arrays[0],
    )


async def put_rows(database: Database, model: type[NamedRow], rows: Sequence[Row]) -> None:
    """Add or replace locations, channels or policies."""
    own = [row["target"] for row in rows if row.get("kind") == "item"]
    fields = [name for name in rows[0] if name != "id"] if rows else []
    await _put(
        database,
        lambda client: model.bulk_create(
            [model(**row) for row in rows],
            using_db=client,
            on_conflict=["id"],
            update_fields=fields,
        ),
        own,
    )


async def _put(
    database: Database, write: Callable[[BaseDBAsyncClient], Any], skus: Iterable[str]
) -> None:
    """Write catalogue rows and move the rules' revision on, so that every process takes notice.
    `skus` are the items that have new facts or rules of their own."""

    async def work(client: BaseDBAsyncClient) -> None:
        await write(client)
        await client.execute_query("update rules_revision set revision = revision + 1")
        await client.execute_query(
            "insert into change (skus, rules, recorded_at)"
            " values ($1::text[], true, clock_timestamp())",
            [list(skus)],
        )

    await run_tx(database, work)
