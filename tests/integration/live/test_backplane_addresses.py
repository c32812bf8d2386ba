"""Addresses of backplanes: each kind carries hints, and what is none is refused by its name."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis import Redis
from structlog.testing import capture_logs

from hub.bootstrap import services_on
from hub.live.backplane import Backplane, UnknownBackplane
from hub.settings import Settings
from tests.integration.shop import count, opened, put_shop
from tests.integration.watcher import watching
from tests.servers import RedisServer, free_port
from tests.waiting import eventually


@asynccontextmanager
async def started(url: str) -> AsyncIterator[Backplane]:
    backplane = Backplane(url)
    await backplane.start()
    try:
        yield backplane
    finally:
        await backplane.stop()


async def carries(url: str) -> bool:
    """Whether one hears what another one says, and not only that a connection was made."""
    async with started(url) as speaker, started(url) as hearer:
        for backplane in (speaker, hearer):
            assert await backplane.wait(5)
        while await hearer.wait(0.2):
            pass
        speaker.announce()
        return await hearer.wait(2)


@pytest.fixture
def tls(own_redis: RedisServer, tmp_path: Path) -> str:
    """The address of a Redis that speaks TLS, and who vouches for it."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    with Redis.from_url(own_redis.url) as client:
        client.execute_command(
            *("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key),
            *("tls-ca-cert-file", certificate, "tls-auth-clients", "no", "tls-port", port),
        )
    return f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}"


async def test_redis_is_reached_by_a_socket_file(own_redis: RedisServer) -> None:
    assert await carries(own_redis.unix_url)


async def test_redis_is_reached_over_tls(tls: str) -> None:
    assert await carries(tls)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: str) -> None:
    with capture_logs() as logs:
        async with started(tls.split("?", maxsplit=1)[0]):
            await eventually(lambda: logs)
    assert "certificate verify failed" in logs[0]["error"]


async def test_redis_is_reached_with_a_password(own_redis: RedisServer) -> None:
    set_password(own_redis)
    assert await carries(own_redis.url.replace("//", "//:se%40cret@"))
    assert await carries(own_redis.url.replace("//", "//default:se%40cret@"))


async def test_postgresql_is_reached(database_url: str) -> None:
    assert await carries(database_url)


async def test_with_a_wrong_password_the_hub_says_so_once_and_looks_into_the_log_itself(
    own_redis: RedisServer, database_url: str
) -> None:
    set_password(own_redis)
    wrong = own_redis.url.replace("//", "//:hunter2@")
    with capture_logs() as logs:
        async with opened(database_url, wrong) as services:
            await put_shop(services)
            await count(services, "A-1", 3)
            async with (
                opened(database_url, wrong) as other,
                watching(other, "A-1") as watcher,
            ):
                await count(services, "A-1", 5)
                await watcher.sees(5)
                # Longer than it takes to try again.
                await asyncio.sleep(1.2)
    lost = [line for line in logs if str(line["event"]).endswith(".lost")]
    told = {line["event"] for line in lost}
    assert told == {"backplane.listening.lost", "backplane.speaking.lost"}
    assert len(lost) <= 4
    assert "hunter2" not in str(logs)


@pytest.mark.parametrize(
    "address",
    [
        "redis://localhost:hunter2/0",
        "redis://:hunter2@[localhost/0",
        "redis://localhost/0?hunter2=1",
        "redis://localhost/0?socket_timeout=hunter2",
        "postgresql://localhost:hunter2/hub",
        "redis+sentinel://hunter2@localhost:26379/mymaster",
        "kafka://hunter2@localhost",
        "localhost:6379",
        "",
    ],
)
@pytest.mark.parametrize("setting", ["HUB_BACKPLANE_URL", "REDIS_URL"])
async def test_what_is_no_address_is_refused_with_the_setting_and_without_the_password(
    address: str, setting: str
) -> None:
    name = setting.removeprefix("HUB_").lower()
    database_url = "postgresql://nowhere.invalid/hub"
    settings = Settings.model_validate({"database_url": database_url, name: address})
    with pytest.raises(UnknownBackplane, match=setting) as refusal:
        async with services_on(settings, database_url):
            pass
    assert "hunter2" not in str(refusal.value)


def set_password(server: RedisServer) -> None:
    with Redis.from_url(server.url) as client:
        client.config_set("requirepass", "se@cret")
