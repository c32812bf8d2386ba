"""The life of a WebSocket: how long it may be open, be silent, and how much it may say."""

import asyncio
import math
from typing import Final, NamedTuple

from hub.web.connections import Connections

INIT_TIMEOUT: Final = 4408
FORBIDDEN: Final = 4403
HEARTBEAT_LOST: Final = 4499
SERVICE_RESTART: Final = 1012
TRY_AGAIN_LATER: Final = 1013
"""Of these codes clients take none for fatal: they connect again, after a pause that grows."""

PATIENCE: Final = 2 / 3
"""How long an answer to a ping is waited for, in heartbeats."""
_SECONDS_A_MINUTE: Final = 60


class SocketLimits(NamedTuple):
    """What every socket is held to."""

    init_seconds: float
    heartbeat_seconds: float
    messages_a_minute: int
    operation_seconds: float


class SocketLife:
    """What time does to a socket. Its protocol is up to who inherits this."""

    slot = 0
    _expires_at = math.inf
    _retiring_until = math.inf
    _lost_at = math.inf
    """When a ping is no longer waited for."""
    _ended = False

    def __init__(self, connections: Connections, limits: SocketLimits) -> None:
        """It begins now."""
        self._connections = connections
        self._limits = limits
        now = asyncio.get_running_loop().time()
        self._heard_at = now
        self._retires_at = connections.retirement(now)
        self._init_until = now + limits.init_seconds
        self._allowance: float = limits.messages_a_minute

    @property
    def retiring(self) -> bool:
        """Whether it is about to end, so that nothing new is begun."""
        return self._retiring_until < math.inf

    def begin(self, expires_at: float) -> None:
        """Somebody said who he is, which holds until a time of the loop's clock."""
        looks_again_at, self._init_until = self._init_until, math.inf
        self._expires_at = expires_at
        if expires_at < looks_again_at:
            self._connections.look_again(self)

    def hear(self) -> bool:
        """A message came: whether it is within what may be sent in a minute. Who goes on though he
        is told so is closed."""
        now = asyncio.get_running_loop().time()
        most = self._limits.messages_a_minute
        gained = (now - self._heard_at) * most / _SECONDS_A_MINUTE
        self._allowance = min(most, self._allowance + gained) - 1
        self._heard_at = now
        self._lost_at = math.inf
        if self._allowance < -most:
            self._close(TRY_AGAIN_LATER, "Too many messages")
        return self._allowance >= 0

    def retire(self) -> None:
        """End once nothing is left to be answered, or no answer can come any more."""
        if not self.retiring:
            self._retire(asyncio.get_running_loop().time())
            self._connections.look_again(self)

    def look(self, now: float) -> float:
        """Do what is due, and say when to look again."""
        if self._ended:
            return now + self._limits.heartbeat_seconds
        if now >= self._init_until:
            self._close(INIT_TIMEOUT, "Connection initialisation timeout")
        elif now >= self._expires_at:
            self._close(FORBIDDEN, "Token expired")
        elif now >= self._retires_at and not self.retiring:
            self._retire(now)
        if self.retiring:
            self._end_if_idle(now)
            return now
        silence_ends = self._keep_alive(now)
        return min(silence_ends, self._init_until, self._expires_at, self._retires_at)

    def _keep_alive(self, now: float) -> float:
        """Ping who is silent, close who stays so, and say when to look again."""
        beat = self._limits.heartbeat_seconds
        if now >= self._lost_at:
            self._close(HEARTBEAT_LOST, "Heartbeat lost")
        elif self._lost_at == math.inf:
            if now < self._heard_at + beat:
                return self._heard_at + beat
            if not self.ping():
                # He has enough to take: as long as he takes some of it he is there.
                return now
            self._lost_at = now + beat * PATIENCE
        return self._lost_at

    def _retire(self, now: float) -> None:
        self._retiring_until = now + self._limits.operation_seconds + 1
        self._end_if_idle(now)

    def _end_if_idle(self, now: float) -> None:
        if now >= self._retiring_until or not self.is_answering():
            self._close(SERVICE_RESTART, "Connect again")

    def _close(self, code: int, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self.close_now(code, reason)

    def is_answering(self) -> bool:
        """Whether something with an answer, as a mutation, is under way."""
        raise NotImplementedError

    def ping(self) -> bool:
        """Ask for a sign of life, if that takes no waiting; whether it was asked for."""
        raise NotImplementedError

    def close_now(self, code: int, reason: str) -> None:
        """Close, without waiting."""
        raise NotImplementedError
