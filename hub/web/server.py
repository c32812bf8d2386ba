"""Running the application under uvicorn, ended by a signal and by nothing else."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_WEBSOCKET_BYTES = 64 * 1024


class CannotListen(Exception):
    """The server cannot have its address; the message is one sentence with the way out."""


class AddressRefused(CannotListen):
    """The operating system does not give the address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The hub cannot listen on port {port} of {host} ({reason.lower()}): choose another "
            "address with --host and --port, or HUB_HOST and HUB_PORT."
        )


class PortInUse(CannotListen):
    """Another program listens on the port already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use by another program: end that one, or choose "
            "another port with --port or HUB_PORT."
        )


class HubProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it. The state of each request has `hang_up`, for clients that take
    nothing any more: ASGI can only send them more, and wait."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.scope["state"]["hang_up"] = self.transport.abort


class HubServer(uvicorn.Server):
    """uvicorn, stopping on the loop's own signal handlers: it would otherwise raise the signal
    again once it is done, and end the process before the hub has closed its database."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGINT and SIGTERM while serving."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, opened before anything else so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Two hubs that start at once can both bind: only who listens has the port.
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from error
        raise AddressRefused(host, port, error.strerror or str(error)) from error
    listening.set_inheritable(True)
    return listening


def server_for(app: ASGIApp, graceful_shutdown_seconds: int) -> HubServer:
    """A server for the application; run it with `serve(sockets=[…])`."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=HubProtocol,
        ws="websockets-sansio",
        # GraphQL clients take uvicorn's ping time-out for a fatal error; their protocol has pings.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        ws_max_size=MAX_WEBSOCKET_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=graceful_shutdown_seconds,
    )
    return HubServer(config)
