"""The catalogue refuses what would make the numbers wrong."""

import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, UnknownLocation
from hub.domain.policies import Channel
from tests.integration.shop import CLERK


@pytest.mark.parametrize(
    ("pool", "refusal"),
    [((), InvalidInput), (("BER", "BER"), InvalidInput), (("BER", "MOON"), UnknownLocation)],
)
async def test_a_pool_names_known_locations_and_each_once(
    services: Services, pool: tuple[str, ...], refusal: type[HubError]
) -> None:
    before = services.catalogue.channels(CLERK)
    with pytest.raises(refusal):
        await services.catalogue.put_channels(CLERK, [Channel("new", "New", "en", "EUR", pool)])
    assert services.catalogue.channels(CLERK) == before
