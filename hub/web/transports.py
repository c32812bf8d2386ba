"""What is asked of the connections below HTTP and WebSocket: patience, and an end to it."""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from typing import Any, Final, Protocol, cast

MAX_UNSENT_BYTES: Final = 32_768
"""So much may wait for a reader in this process before nothing more is sent to him; a message that
is larger waits as a whole."""
MAX_UNSENT_KERNEL_BYTES: Final = 16_384
"""The same in the system, beyond what is on its way: else that keeps megabytes for each."""
_RESET: Final = struct.pack("ii", 1, 0)


def hang_up(transport: asyncio.Transport) -> None:
    """End a connection at once, and keep nothing that still waits to be sent, here or in the
    system."""
    connected = transport.get_extra_info("socket")
    if connected is not None and not transport.is_closing():
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def done_at_once(sending: Coroutine[Any, Any, None]) -> bool:
    """Whether something was sent without waiting. As long as a server lets it wait it has sent
    nothing, and so it is not begun otherwise. Raises what it raises."""
    try:
        sending.send(None)
    except StopIteration:
        return True
    sending.close()
    return False


def limit_unsent(listening: socket.socket, patience_seconds: float) -> None:
    """Bound what the system keeps for those who connect to a socket, and how long. Where a system
    knows no such limits, `Patience` bounds what it can."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        unsent = socket.TCP_NOTSENT_LOWAT
        listening.setsockopt(socket.IPPROTO_TCP, unsent, MAX_UNSENT_KERNEL_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = round(patience_seconds * 1000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


class Patient(Protocol):
    """Where it stands how long to wait."""

    patience_seconds: float


class Patience(asyncio.Protocol):
    """Hangs up on who takes nothing of what waits for him. Nothing is to be done for who does."""

    transport: asyncio.Transport
    config: Patient
    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        super().connection_made(transport)
        cast("asyncio.Transport", transport).set_write_buffer_limits(high=MAX_UNSENT_BYTES)

    def pause_writing(self) -> None:
        """He takes less than he is sent."""
        super().pause_writing()
        self._wait(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """He has taken most of it."""
        self._stop()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """He is gone."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self, waiting_bytes: int) -> None:
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(self.config.patience_seconds, self._look, waiting_bytes)

    def _look(self, waited_bytes: int) -> None:
        waiting_bytes = self.transport.get_write_buffer_size()
        if waiting_bytes < waited_bytes:
            self._wait(waiting_bytes)
        else:
            hang_up(self.transport)

    def _stop(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
