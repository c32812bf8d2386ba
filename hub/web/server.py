"""Running the application under uvicorn, ended by a signal and by nothing else."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from hub.web.drain import Drain
from hub.web.transports import Patience, limit_unsent

MAX_WEBSOCKET_BYTES = 64 * 1024
PATIENCE_SECONDS = 25
REST_SECONDS = 75
"""For so long a connection is kept that asks nothing: longer than the 60 s that balancers keep
theirs, for who lets go first resets what the other sends in that moment."""
_MAX_PONGS = 50
_FINAL_TEXT = 0x81
_LENGTH_OF_2_BYTES = 126
_LENGTH_OF_8_BYTES = 127


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


class HubConfig(uvicorn.Config):
    """uvicorn's settings, and for how long a reader may take nothing."""

    patience_seconds: float = PATIENCE_SECONDS


class HubProtocol(Patience, HttpToolsProtocol):
    """HTTP as uvicorn speaks it. The state of each request has its `transport`, `send_part_now`,
    and `hang_up`, for clients that take nothing any more: ASGI can only send them more, and wait.
    """

    config: HubConfig
    transport: asyncio.Transport
    _answered: RequestResponseCycle | None = None
    """The request that is being answered. `cycle` is the newest, which may have to wait for it."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: whoever answers him hears of it. uvicorn tells the newest request
        alone, and a stream that others wait behind would go on for ever."""
        answered = self._answered
        if answered is not None and not answered.response_complete:
            answered.disconnected = True
            answered.message_event.set()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        state = self.scope["state"]
        state["transport"] = self.transport
        state["hang_up"] = self.transport.abort
        state["send_part_now"] = partial(self._send_part_now, self.scope)

    def _send_part_now(self, scope: object, part: bytes) -> bool:
        """Send a part of a body without an end as one chunk, past what ASGI does for each, if its
        reader takes something; whether it was sent. A body that goes out in another way is left to
        ASGI."""
        cycle = self.cycle
        if self.flow.write_paused or cycle.scope is not scope:
            return False
        if not cycle.chunked_encoding or cycle.response_complete or cycle.disconnected:
            return False
        self.transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        return True


class HubSocketProtocol(Patience, WebSocketsSansIOProtocol):
    """WebSockets as uvicorn speaks them. The state of each has its `transport`, and `send_now`."""

    config: HubConfig
    transport: asyncio.Transport
    _late_answer = b""
    """To the newest ping of one who takes nothing: it waits until he does."""

    def handle_ping(self) -> None:
        """Answer, at once or when that can be sent: of many answers the last are enough (RFC 6455,
        5.5.3), and whoever only pings and reads nothing must not fill the memory."""
        answers = self.conn.data_to_send()[-_MAX_PONGS:]
        if self.writable.is_set():
            self.transport.write(b"".join(answers))
        elif answers:
            self._late_answer = answers[-1]

    def resume_writing(self) -> None:
        """He takes what he is sent again."""
        super().resume_writing()
        late, self._late_answer = self._late_answer, b""
        if late and not self.transport.is_closing():
            self.transport.write(late)

    def send_now(self, *parts: bytes) -> bool:
        """Send a text as one frame, if its reader takes something; whether it was sent. Of what a
        thousand sockets are told at once, the frame is all that differs, and ASGI takes as long
        again for each. Raises `ClientDisconnected`, an `OSError`, where nobody is there."""
        if not self.writable.is_set():
            return False
        if self.conn.state is not State.OPEN or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(_text_frame(parts))
        return True

    def handle_connect(self, event: Request) -> None:
        """A socket is asked for."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            state = self.scope["state"]
            state["transport"] = self.transport
            state["send_now"] = self.send_now


def _text_frame(parts: tuple[bytes, ...]) -> bytes:
    """A whole text in one frame, unmasked as a server sends it (RFC 6455, 5.2)."""
    length = sum(map(len, parts))
    if length < _LENGTH_OF_2_BYTES:
        head = bytes((_FINAL_TEXT, length))
    elif length < 1 << 16:
        head = bytes((_FINAL_TEXT, _LENGTH_OF_2_BYTES)) + length.to_bytes(2, "big")
    else:
        head = bytes((_FINAL_TEXT, _LENGTH_OF_8_BYTES)) + length.to_bytes(8, "big")
    return b"".join((head, *parts))


class HubServer(uvicorn.Server):
    """uvicorn, stopping on the loop's own signal handlers: it would otherwise raise the signal
    again once it is done, and end the process before the hub has closed its database.

    SIGTERM lets those who are connected go in order; SIGINT, which somebody sends who waits for it,
    and any second signal ends them at once.
    """

    config: HubConfig

    def __init__(self, config: HubConfig, drain: Drain | None) -> None:
        super().__init__(config)
        self._drain = drain

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

    def handle_exit(self, sig: int, frame: object) -> None:
        """Stop; not by the way that sse-starlette puts in the place of uvicorn's, which would end
        every feed at once."""
        if self._drain is not None and (sig == signal.SIGINT or self.should_exit):
            self._drain.hurry()
        self.force_exit = self.force_exit or (self.should_exit and sig == signal.SIGINT)
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        for listening in sockets or []:
            limit_unsent(listening, self.config.patience_seconds)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those who are connected go, then stop."""
        if self._drain is not None:
            await self._drain.announce()
            for server in self.servers:
                server.close()
            await self._drain.let_go()
        await super().shutdown(sockets)


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


def server_for(
    app: ASGIApp,
    graceful_shutdown_seconds: int,
    drain: Drain | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    **options: Any,
) -> HubServer:
    """A server for the application; run it with `serve(sockets=[…])`. With `drain`, those who are
    connected are let go in order. Who takes nothing of what he is sent for `patience_seconds` is
    hung up on. `options` are uvicorn's."""
    config = HubConfig(
        app,
        loop="uvloop",
        http=HubProtocol,
        ws=HubSocketProtocol,
        # GraphQL clients take uvicorn's ping time-out for a fatal error; their protocol has pings.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=graceful_shutdown_seconds,
        **{"ws_max_size": MAX_WEBSOCKET_BYTES, "timeout_keep_alive": REST_SECONDS, **options},
    )
    config.patience_seconds = patience_seconds
    return HubServer(config, drain)
