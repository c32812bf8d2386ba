"""A broker of each kind, started once for all tests of a process."""

from collections.abc import Callable, Iterator

import pytest

from tests.integration.streams.brokers import KINDS, Broker


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Broker]]:
    """Gives the broker of a kind, started when it is asked for first."""
    started: dict[str, Broker] = {}

    def broker_of(kind: str) -> Broker:
        if kind not in started:
            started[kind] = KINDS[kind](tmp_path_factory.mktemp(kind))
            started[kind].start()
        return started[kind]

    yield broker_of
    for one in started.values():
        one.stop()


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, brokers: Callable[[str], Broker]) -> Broker:
    """A broker of each kind."""
    return brokers(request.param)


@pytest.fixture
def redis_broker(brokers: Callable[[str], Broker]) -> Broker:
    """The one with Redis."""
    return brokers("redis")
