"""Brokers are reached over TLS, by name and password, and only where somebody vouches for them."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.brokers import BrokerServer, NatsServer
from workers.publication.broker import BrokerAway, Message
from workers.publication.brokers import broker_of

MESSAGES = [Message("1", "availability.changed", "A-1", b"{}")]
KEY, CERTIFICATE = "key.pem", "cert.pem"


class SecureRedis(BrokerServer):
    """A Redis that wants TLS and a password."""

    @property
    def url(self) -> str:
        """Its address, with the password."""
        return f"rediss://:pass@localhost:{self.port}/0"

    def commands(self) -> Sequence[Sequence[str]]:
        """One program."""
        return [
            ["redis-server", "--port", "0", "--tls-port", str(self.port), "--save", "",
             "--requirepass", "pass", "--tls-auth-clients", "no", "--tls-cert-file", CERTIFICATE,
             "--tls-key-file", KEY, "--tls-ca-cert-file", CERTIFICATE]
        ]  # fmt: skip


class SecureNats(NatsServer):
    """A NATS that wants TLS, a name and a password."""

    @property
    def url(self) -> str:
        """Its address, with both."""
        return f"tls://me:pass@localhost:{self.port}"

    def commands(self) -> Sequence[Sequence[str]]:
        """One program."""
        (command,) = super().commands()
        secure = ["--tls", "--tlscert", CERTIFICATE, "--tlskey", KEY, "--user", "me"]
        return [[*command, *secure, "--pass", "pass"]]


async def publish(url: str) -> None:
    """Publish one message."""
    _, broker = broker_of(url)
    try:
        await broker.publish(MESSAGES)
    finally:
        await broker.aclose()


@pytest.mark.parametrize("kind", [SecureRedis, SecureNats])
async def test_a_broker_over_tls_wants_a_password_and_must_be_vouched_for(
    kind: Callable[[Path], SecureRedis | SecureNats],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    making = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {KEY} -out {CERTIFICATE} "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(making.split(), cwd=tmp_path, check=True, capture_output=True)
    server = kind(tmp_path)
    server.start()
    try:
        with pytest.raises(BrokerAway, match=r"(?i)certificate"):
            await publish(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / CERTIFICATE))
        await publish(server.url)
        with pytest.raises(BrokerAway, match=r"(?i)authorization|password") as refused:
            await publish(server.url.replace("pass", "secret"))
        assert "secret" not in str(refused.value)
    finally:
        server.stop()
