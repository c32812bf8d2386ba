"""What it takes to tell a thousand partners of one item, against a bare streaming response."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

import orjson

from benchmarks.assortment import put_assortment, sku_of
from benchmarks.crowds import adjusting, publishing
from benchmarks.fan_out import ROUNDS, UNIT, WARM_UP_ROUNDS
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.led_process import LedProcess, led_process
from benchmarks.production_hub import READER, production_hub
from benchmarks.raw_server import PATH
from benchmarks.rounds import alternate
from benchmarks.served import Server, environment_for, python, running
from benchmarks.stage import Stage

PARTNERS: Final = 1_000
ITEMS: Final = 100
SKU: Final = sku_of(2)

FEEDS_AGAINST_RAW: Final = "feeds_against_raw"
RAW: Final = "Starlette, StreamingResponse of a ready text"


async def feed_fan_out(stage: Stage) -> list[Figure]:
    """A thousand readers of `/feeds/availability` watch one item, of which one more is found: from
    sending that until the last of them has heard. The hub writes it to its ledger meanwhile; the
    baseline tells what it has."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, ITEMS)
        # All of them have one token, so they are one partner.
        limit = {"HUB_MAX_FEEDS_PER_PRINCIPAL": str(PARTNERS)}
        hub = await stack.enter_async_context(production_hub(stage.folder, database_url, limit))
        command = python("benchmarks.raw_streams")
        raw = await stack.enter_async_context(
            running(stage.folder, environment_for(None), *command)
        )
        readers = await stack.enter_async_context(led_process("feed_crowd_process", None))
        await _open(readers, "hub", hub, f"/feeds/availability?sku={SKU}")
        await _open(readers, "raw", raw, PATH)
        sides = {
            OURS: _rounds(readers, "hub", adjusting(hub, SKU)),
            RAW: _rounds(readers, "raw", publishing(raw)),
        }
        await alternate(WARM_UP_ROUNDS, sides, stage.tell)
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to(FEEDS_AGAINST_RAW, runs, RAW, UNIT, Bound("≤", 1.5))]


async def _open(readers: LedProcess, name: str, server: Server, path: str) -> None:
    # Both are sent the token; only the hub looks.
    request = (
        f"GET {path} HTTP/1.1\r\nhost: {server.host}\r\nauthorization: Bearer {READER}\r\n\r\n"
    )
    command = {"do": "open", "name": name, "host": server.host, "request": request}
    await readers.ask(orjson.dumps({**command, "count": PARTNERS}).decode())


def _rounds(readers: LedProcess, name: str, request: bytes) -> Callable[[], Awaitable[float]]:
    line = orjson.dumps({"do": "round", "name": name, "request": request.decode()}).decode()

    async def measure() -> float:
        return float(await readers.ask(line)) * 1_000

    return measure
