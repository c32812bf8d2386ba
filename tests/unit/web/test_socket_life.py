"""What time does to a socket, with a clock that the test moves."""

import asyncio
import math

import pytest

from hub.web.connections import Connections
from hub.web.socket_life import SocketLife, SocketLimits

LASTING = 600.0
LIMITS = SocketLimits(
    init_seconds=5, heartbeat_seconds=15, messages_a_minute=100, operation_seconds=5
)


class Socket(SocketLife):
    """A socket that keeps what is done to it."""

    def __init__(self) -> None:
        self.connections = Connections(LASTING)
        super().__init__(self.connections, LIMITS)
        self.began = asyncio.get_running_loop().time()
        self.done: list[object] = []
        self.answering = False
        self.taking = False
        """Whether its client has not taken yet what he was sent."""

    def is_answering(self) -> bool:
        return self.answering

    def ping(self) -> bool:
        if not self.taking:
            self.done.append("ping")
        return not self.taking

    def close_now(self, code: int, reason: str) -> None:
        self.done.append(code)

    def after(self, seconds: float) -> float:
        """In how many seconds it wants to be looked at again, looked at so many after its
        beginning."""
        return self.look(self.began + seconds) - self.began - seconds


@pytest.fixture
async def socket() -> Socket:
    """One whose client has not said anything yet."""
    return Socket()


@pytest.fixture
async def begun(socket: Socket) -> Socket:
    """One whose client said who he is."""
    with socket.connections.open(socket):
        socket.begin(math.inf)
    return socket


async def test_who_does_not_begin_is_closed(socket: Socket) -> None:
    assert socket.after(4.9) == pytest.approx(0.1, abs=0.01)
    socket.after(5.1)
    assert socket.done == [4408]


async def test_who_has_begun_is_pinged_when_he_is_silent(begun: Socket) -> None:
    assert begun.after(5.1) == pytest.approx(9.9, abs=0.01)
    assert begun.after(15.1) == pytest.approx(10)
    assert begun.done == ["ping"]


async def test_who_answers_no_ping_is_closed_within_thirty_seconds(begun: Socket) -> None:
    for seconds in (15.1, 20, 25.2):
        begun.after(seconds)
    assert begun.done == ["ping", 4499]


async def test_who_takes_long_is_not_taken_for_silent(begun: Socket) -> None:
    begun.taking = True
    for seconds in (15.1, 20, 25.2, 100):
        begun.after(seconds)
    assert begun.done == []
    begun.taking = False
    for seconds in (101, 110, 111.1):
        begun.after(seconds)
    assert begun.done == ["ping", 4499]


async def test_who_says_anything_is_heard(begun: Socket) -> None:
    begun.after(15.1)
    assert begun.hear()
    begun._heard_at = begun.began + 20
    assert begun.after(25.2) == pytest.approx(9.8, abs=0.01)
    assert begun.done == ["ping"]


async def test_a_connection_ends_with_its_token(socket: Socket) -> None:
    with socket.connections.open(socket):
        socket.begin(socket.began + 7)
    assert socket.after(6) == pytest.approx(1, abs=0.01)
    socket.after(7.1)
    assert socket.done == [4403]


async def test_a_connection_ends_when_its_time_is_over(begun: Socket) -> None:
    for seconds in (LASTING * 0.8 - 1, LASTING * 1.2 + 1):
        begun._heard_at = begun.began + seconds
        begun.after(seconds)
    assert begun.done == [1012]


async def test_connections_end_at_moments_of_their_own() -> None:
    ends = [Connections(LASTING).retirement(0) for _ in range(1000)]
    assert LASTING * 0.8 <= min(ends) < LASTING * 0.85
    assert LASTING * 1.15 < max(ends) <= LASTING * 1.2


async def test_an_end_waits_for_what_is_being_answered(begun: Socket) -> None:
    begun.answering = True
    with begun.connections.open(begun):
        begun.retire()
    begun.after(3)
    assert begun.retiring
    assert begun.done == []
    begun.answering = False
    begun.after(4)
    begun.after(5)
    assert begun.done == [1012]


async def test_an_end_does_not_wait_longer_than_an_operation_can_take(begun: Socket) -> None:
    begun.answering = True
    with begun.connections.open(begun):
        begun.retire()
    begun.after(6.1)
    assert begun.done == [1012]


async def test_only_so_many_messages_are_taken_in_a_minute(begun: Socket) -> None:
    assert all(begun.hear() for _ in range(100))
    assert not begun.hear()
    begun._heard_at -= 30
    assert sum(begun.hear() for _ in range(100)) == 49


async def test_who_goes_on_though_he_is_refused_is_closed(begun: Socket) -> None:
    for _ in range(200):
        begun.hear()
    assert begun.done == []
    begun.hear()
    begun.hear()
    assert begun.done == [1013]
