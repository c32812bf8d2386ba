"""The guide's source takes the event that the guide sends."""

import re
import shlex
import tomllib
from pathlib import Path

from redis.asyncio import Redis

from hub.bootstrap import Services
from hub.domain.sources import source_from
from hub.services.catalogue import CatalogueItem
from tests.integration.shop import CLERK, count, position
from tests.integration.streams.brokers import Broker
from tests.integration.streams.reading import reading
from tests.waiting import eventually

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "take-events-from-a-stream.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SKU = "MUG-FJORD-MOSS"


async def test_what_the_guide_adds_to_a_stream_is_applied(
    services: Services, redis_broker: Broker
) -> None:
    blocks = BLOCK.findall(GUIDE.read_text())
    (toml,) = [text for language, text in blocks if language == "toml"]
    commands = [text for language, text in blocks if language == "sh"]
    (adding,) = [text for text in commands if text.startswith("redis-cli ")]
    source = source_from(tomllib.loads(toml))
    assert source.stream is not None
    assert f"export {source.stream.address}='redis://" in commands[0]
    await services.catalogue.put_items(CLERK, [CatalogueItem(SKU, "Mug")])
    before = (await count(services, SKU, 5)).on_hand
    await services.sources.put(CLERK, source)
    async with (
        reading(services, {source.stream.address: redis_broker.url}),
        Redis.from_url(redis_broker.url) as client,
    ):
        _, command, stream, id, field, value = shlex.split(adding)
        assert command == "XADD"
        await client.xadd(stream, {field: value}, id=id)
        await eventually(lambda: position(services, SKU), lambda now: now.on_hand < before)
