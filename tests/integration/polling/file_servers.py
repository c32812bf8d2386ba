"""Real servers of files, on this machine, over a folder."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aioftp
import asyncssh

CERTIFICATE = "certificate.pem"


class FileServer(NamedTuple):
    """A server that runs."""

    url: str
    fingerprint: str = ""


class _Ssh(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("hub", "pa ss")


def certified(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost, made by nobody that anybody trusts."""
    making = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out {CERTIFICATE} "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(making.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / CERTIFICATE, folder / "key.pem")
    return context


@asynccontextmanager
async def sftp_server(folder: Path) -> AsyncIterator[FileServer]:
    """An SFTP server whose root is the folder; its user is hub, with the password `pa ss`."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Ssh,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
        config=None,
    )
    try:
        yield FileServer(f"sftp://127.0.0.1:{server.get_port()}/out", key.get_fingerprint())
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def ftp_server(
    folder: Path, secure: ssl.SSLContext | None = None
) -> AsyncIterator[FileServer]:
    """The same as an FTP server, encrypted from the start where there is a certificate."""
    user = aioftp.User("hub", "pa ss", base_path=folder)
    server = aioftp.Server([user], ssl=secure)
    await server.start("127.0.0.1", 0)
    place = "ftp://127.0.0.1" if secure is None else "ftps://localhost"
    try:
        yield FileServer(f"{place}:{server.server_port}/out")
    finally:
        await asyncio.wait_for(server.close(), 5)
