"""Communication: which sub-protocol is spoken."""

from contextlib import AsyncExitStack

import pytest

from tests.conformance.transport_ws.target import Target
from tests.conformance.transport_ws.wire import SUBPROTOCOL, Refused, Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_ACCEPTABLE = 4406


async def test_the_subprotocol_is_chosen_when_it_is_asked_for(target: Target) -> None:
    async with target.open() as wire:
        assert wire.subprotocol == SUBPROTOCOL


async def test_it_is_found_among_others(target: Target) -> None:
    async with target.open("soap", SUBPROTOCOL, "mqtt") as wire:
        assert wire.subprotocol == SUBPROTOCOL


@pytest.mark.parametrize("subprotocols", [(), ("graphql-ws",), ("soap", "mqtt")])
async def test_nothing_is_spoken_with_who_does_not_ask_for_it(
    target: Target, subprotocols: tuple[str, ...]
) -> None:
    async with AsyncExitStack() as stack:
        opening = stack.enter_async_context(
            Wire.open(target.url, *subprotocols, headers=target.headers)
        )
        try:
            wire = await opening
        except Refused:
            return
        assert wire.subprotocol != SUBPROTOCOL
        assert (await wire.closed()).code == NOT_ACCEPTABLE
