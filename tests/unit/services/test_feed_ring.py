"""The last batches of a feed."""

import pytest

from hub.services.feeds.position import START
from hub.services.feeds.ring import Batch, Ring


def batch(size: int) -> Batch:
    return Batch(START, START, {"one": b"x" * size, "other": b"y" * size})  # type: ignore[dict-item]


def test_batches_are_found_by_their_number() -> None:
    ring = Ring()
    batches = [batch(size) for size in range(3)]
    for one in batches:
        ring.append(one)
    assert ring.end == 3
    assert [ring.at(number) for number in range(-1, 4)] == [None, *batches, None]


def test_the_oldest_are_given_up_and_the_newest_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.services.feeds.ring.MAX_RING_BYTES", 100)
    ring = Ring()
    for _ in range(5):
        ring.append(batch(20))
    assert [ring.at(number) is not None for number in range(5)] == [False] * 3 + [True] * 2
    ring.append(batch(1_000))
    assert [ring.at(number) is not None for number in range(6)] == [False] * 5 + [True]
    ring.append(batch(10))
    assert [ring.at(number) is not None for number in range(5, 7)] == [False, True]


def test_who_was_at_the_end_of_what_was_given_up_altogether_is_there_no_longer() -> None:
    ring = Ring()
    ring.append(batch(1))
    next_one = ring.end
    ring.clear()
    assert next_one != ring.end
    ring.append(batch(2))
    assert [ring.at(number) for number in range(3)] == [None, None, batch(2)]
