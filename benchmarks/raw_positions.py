"""`python -m benchmarks.raw_positions`: what a cold read can cost at least in Python.

One statement on one open asyncpg connection reads the positions of the items asked for, and a loop
turns them into the answers: right for items without rules, holds, kits and dates of supply, all of
which the hub looks at in the same time.
"""

import asyncpg
import uvloop
from asyncpg.prepared_stmt import PreparedStatement
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.raw_server import answer_of, serve, skus_asked_for
from hub.domain.policies import DEFAULT_LOW_STOCK_MARK
from hub.domain.values import UNIT
from hub.settings import Settings
from hub.store.database import connection_arguments

POSITIONS = """
    select sku, on_hand, unavailable, allocated, reserved, backordered, version
    from position where sku = any($1::text[])"""


async def _answer_from(statement: PreparedStatement, request: Request) -> Response:
    skus = await skus_asked_for(request)
    found: dict[str, list[int]] = {sku: [0, 0] for sku in skus}
    for row in await statement.fetch(skus):
        sku, on_hand, unavailable, allocated, reserved, backordered, version = row
        summed = found[sku]
        summed[0] += max(0, on_hand - unavailable - allocated - reserved - backordered)
        summed[1] += version
    return answer_of([_told(sku, *found[sku]) for sku in skus])


def _told(sku: str, units: int, version: int) -> dict[str, object]:
    if units <= 0:
        status, google, code = "OUT_OF_STOCK", "out_of_stock", "OUT_OF_STOCK"
    elif units <= DEFAULT_LOW_STOCK_MARK:
        status, google, code = "LIMITED_AVAILABILITY", "in_stock", "ONLY_N_LEFT"
    else:
        status, google, code = "IN_STOCK", "in_stock", "IN_STOCK"
    return {
        "sku": sku,
        "quantity": units // UNIT,
        "status": status,
        "version": version,
        "canFulfil": units >= UNIT,
        "googleAvailability": google,
        "message": {"code": code},
    }


async def _serve() -> None:
    settings = Settings()
    assert settings.database_url is not None
    connection = await asyncpg.connect(**connection_arguments(settings.database_url))
    try:
        statement = await connection.prepare(POSITIONS)

        async def answer(request: Request) -> Response:
            return await _answer_from(statement, request)

        await serve(answer)
    finally:
        await connection.close()


if __name__ == "__main__":
    uvloop.run(_serve())
