"""The feed for Google is written of what the hub answers."""

import pytest

from hub.bootstrap import Services
from hub.domain.errors import UnknownChannel
from tests.integration.shop import count, reserve
from workers.local_inventory import export_local_inventory


async def test_all_that_stores_have_is_in_the_feed(services: Services) -> None:
    await count(services, "A-1", 5)
    await count(services, "A-1", 2, "AMS")
    await count(services, "B-1", 0)
    await reserve(services, {"A-1": 1}, channel="store")
    written: list[bytes] = []

    report = await export_local_inventory(services, "web", written.append)

    header, *lines = b"".join(written).decode().splitlines()
    assert header == "store_code\tid\tquantity\tavailability\tavailability_date"
    assert sorted(lines) == [
        "AMS\tA-1\t2\tin_stock\t",
        "BER\tA-1\t4\tin_stock\t",
        "BER\tB-1\t0\tout_of_stock\t",
    ]
    assert report.as_dict() == {"items": 4, "lines": 3}


async def test_a_channel_that_is_not_there_has_no_feed(services: Services) -> None:
    written: list[bytes] = []
    with pytest.raises(UnknownChannel):
        await export_local_inventory(services, "nope", written.append)
    assert written == []
