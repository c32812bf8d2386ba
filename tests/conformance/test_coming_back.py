"""Clients whose connections end, because their time is over, come back by themselves: none is told
that this was the end."""

import pytest

from hub.settings import Settings
from tests.conformance.crowd import close_codes, crowd_of, failures
from tests.integration.graphql.conftest import serving
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

CLIENTS = {"socket": 5, "events": 5, "eventSource": 5, "feed": 5, "apollo": 5, "urql": 5}
TURNS = 3


async def test_every_client_comes_back_again_and_again(database_of_file: str) -> None:
    settings = Settings(database_url=database_of_file, connection_seconds=1.5)
    async with (
        serving(settings) as served,
        crowd_of(served.address, "MUG-S", "MUG-M", stubborn=False, **CLIENTS) as crowd,
    ):
        await eventually(
            crowd.told,
            lambda told: all(one["opened"] > TURNS or one["failure"] for one in told["crowd"]),
            within_seconds=60,
        )
        await served.count("MUG-S", 77)
        await eventually(lambda: crowd.who_knows_not(77), lambda left: not left, within_seconds=30)
        told = await crowd.told()
        assert failures(told) == {}
        assert close_codes(told) == {"1012"}
