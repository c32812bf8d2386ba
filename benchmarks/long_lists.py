"""How much longer a page of a list takes where there are a hundred times as many items."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import combinations, islice
from statistics import median
from typing import Final, NamedTuple

import orjson

from benchmarks.assortment import (
    CATEGORIES,
    COLOURS,
    LOCATIONS,
    THINGS,
    put_assortment,
    sku_of,
)
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.lean_http import LeanClient, UnexpectedAnswer, lean_client, post_request
from benchmarks.production_hub import WRITER, production_hub
from benchmarks.reads import ROUNDS
from benchmarks.rounds import alternate
from benchmarks.served import Server
from benchmarks.stage import Stage

MANY: Final = 1_000_000
FEW: Final = 10_000
SECONDS: Final = 0.5
"""How long one round asks; the request that it ends in counts."""
PAGE: Final = 24
MILLISECONDS: Final = 1_000

BASELINE: Final = f"the same of {FEW:,} items"
BOUND: Final = Bound("≤", 1.5)

DOCUMENT: Final = """
    query ($first: Int!, $filter: ItemFilter) { items(first: $first, filter: $filter) {
        totalCount edges { node { sku name availability { quantity status } } }
    } }"""
STATUSES: Final = ("IN_STOCK", "LIMITED_AVAILABILITY", "OUT_OF_STOCK")
_SUCCESS: Final = b'{"data":{"items":{"totalCount":'


Filters = Sequence[Mapping[str, object]]


class Listing(NamedTuple):
    """A list that a shop shows."""

    name: str
    """Of the figure."""
    filters: Filters
    """Each request has one of these."""
    bound: Bound | None = BOUND
    once: bool = False
    """Whether each is asked for once only: then nothing is kept of it, and its total is counted."""


LISTINGS: Final = (
    # Before the others, which ask for some of these again.
    Listing(
        "page_at_1m_first_category",
        [
            {"category": category, **more}
            for category in CATEGORIES
            for more in ({}, {"discontinued": False})
        ],
        bound=None,
        once=True,
    ),
    # Whoever types a first word asks for all its beginnings.
    Listing(
        "page_at_1m_first_text",
        [
            {"text": f"{colour[:letters]} {thing}"}
            for colour in COLOURS
            for letters in range(2, len(colour) + 1)
            for thing in THINGS
        ],
        once=True,
    ),
    Listing(
        "page_at_1m_first_status",
        [
            {"category": category, "status": statuses}
            for category in CATEGORIES
            for size in range(1, len(STATUSES) + 1)
            for statuses in combinations(STATUSES, size)
        ],
        bound=None,
        once=True,
    ),
    Listing("page_at_1m_all", [{}]),
    # One item in twenty, so that a larger shop has larger categories.
    Listing("page_at_1m_category", [{"category": category} for category in CATEGORIES]),
    # One in a hundred.
    Listing(
        "page_at_1m_text", [{"text": f"{colour} {thing}"} for colour in COLOURS for thing in THINGS]
    ),
    # Five, and one, however large the shop is.
    Listing("page_at_1m_family", [{"family": f"family-{number}"} for number in range(100)]),
    Listing("page_at_1m_sku", [{"text": sku_of(number)} for number in range(0, FEW, 100)]),
    Listing("page_at_1m_status", [{"status": [status]} for status in STATUSES]),
    Listing("page_at_1m_low", [{"lowStock": True}]),
    # Nearly all; only those who may write stock may ask.
    Listing("page_at_1m_location", [{"location": location} for location in LOCATIONS]),
    # One in a hundred.
    Listing(
        "page_at_1m_low_in_category",
        [{"category": category, "lowStock": True} for category in CATEGORIES],
    ),
    # None, and nothing tells that before many are looked at: the page is a short one.
    Listing(
        "page_at_1m_none",
        [{"location": location, "status": ["OUT_OF_STOCK"]} for location in LOCATIONS],
        bound=None,
    ),
)


async def page_at_1m(stage: Stage) -> list[Figure]:
    """The first 24 items of a list with their availability, and how many there are in all: one
    caller asks a hub with 1,000,000 items, and one with 10,000, for the same lists in turns. A
    round's figure is the median of its requests.

    How many there are in all is kept by the hub: for two seconds where it changes with stock, else
    until the catalogue changes. The rounds ask for the same lists again and again, so nearly all
    of their totals are kept ones. What a first request takes is in `page_at_1m_first_*`, whose
    lists are asked for once each. Those of categories have no bound: a total is counted up to
    10,000, and a list that has a hundredth as many has less to count.
    """
    async with AsyncExitStack() as stack:
        servers = {}
        for side, items in ((OURS, MANY), (BASELINE, FEW)):
            database_url = await stack.enter_async_context(stage.databases.fresh())
            stage.tell(f"putting {items:,} items in", 0, 1)
            await put_assortment(database_url, items)
            servers[side] = await stack.enter_async_context(
                production_hub(stage.folder, database_url)
            )
        return [await _measured(stage, listing, servers) for listing in LISTINGS]


async def _measured(stage: Stage, listing: Listing, servers: Mapping[str, Server]) -> Figure:
    filters = random.sample(listing.filters, len(listing.filters))
    timing = _timing_once if listing.once else _timing
    sides = {side: timing(server, filters) for side, server in servers.items()}
    for side in sides.values():
        await side()
    runs = await alternate(ROUNDS, sides, stage.tell)
    return ratio_to(listing.name, runs, BASELINE, "ms", listing.bound)


def _timing_once(server: Server, filters: Filters) -> Callable[[], Awaitable[float]]:
    waiting = iter([_request(server, one) for one in filters])
    # The rounds, and what comes before them to warm up.
    share = len(filters) // (ROUNDS + 1)

    async def milliseconds() -> float:
        async with lean_client(server.host, 1) as client:
            taken = [await _time(client, request) for request in islice(waiting, share)]
        return median(taken) * MILLISECONDS

    return milliseconds


def _timing(server: Server, filters: Filters) -> Callable[[], Awaitable[float]]:
    requests = [_request(server, one) for one in filters]

    async def milliseconds() -> float:
        taken: list[float] = []
        async with lean_client(server.host, 1) as client:
            end = time.perf_counter() + SECONDS
            while time.perf_counter() < end:
                taken.append(await _time(client, random.choice(requests)))
        return median(taken) * MILLISECONDS

    return milliseconds


def _request(server: Server, filter_: Mapping[str, object]) -> bytes:
    body = orjson.dumps({"query": DOCUMENT, "variables": {"first": PAGE, "filter": filter_}})
    return post_request(f"http://{server.host}/graphql", body, WRITER)


async def _time(client: LeanClient, request: bytes) -> float:
    started = time.perf_counter()
    answer = await client.send(request)
    taken = time.perf_counter() - started
    if not answer.startswith(_SUCCESS):
        raise UnexpectedAnswer(answer.decode(errors="replace"))
    return taken
