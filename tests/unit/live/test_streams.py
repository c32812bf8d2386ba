"""Streams: all are told of a change at once, and slow followers how it is in the end."""

import asyncio
from typing import Any

from hub.live.streams import Follower, FollowerGone, Stream


class Reader(Follower):
    """Takes what it is sent, unless it is told to wait."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.ready = asyncio.Event()
        self.ready.set()
        self.gone = self.failed = False

    def send_now(self, told: bytes) -> bool:
        if not self.ready.is_set():
            return False
        if self.gone:
            raise FollowerGone
        self.told.append(told.decode())
        return True

    async def send(self, told: bytes) -> None:
        await self.ready.wait()
        self.send_now(told)

    def fail(self, reference: str) -> None:
        self.failed = True


class Numbers:
    """A stream of numbers by letter."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = False
        self.stream: Stream[str, tuple[str, int]] = Stream(
            lambda new, old: new[1] > old[1], self._put, self._end
        )

    def offer(self, **numbers: int) -> None:
        for letter, number in numbers.items():
            self.stream.offer(letter, (letter, number))

    def reader(self, **known: int) -> tuple[Reader, Any]:
        reader = Reader()
        following = self.stream.join(reader)
        following.begin({letter: (letter, number) for letter, number in known.items()})
        return reader, following

    def back(self, untold: str, **known: int) -> Reader:
        """A reader who was told some letters here, and others the last time he was there."""
        reader = Reader()
        told = {letter: (letter, number) for letter, number in known.items()}
        self.stream.join(reader).begin(told, untold)
        return reader

    def _put(self, values: list[tuple[str, int]]) -> bytes:
        self.made += 1
        if any(number < 0 for _, number in values):
            raise ValueError(values)
        return " ".join(f"{letter}{number}" for letter, number in sorted(values)).encode()

    def _end(self) -> None:
        self.ended = True


async def pause() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_offered_together_is_put_together_once_for_all() -> None:
    numbers = Numbers()
    readers = [numbers.reader(a=0, b=0)[0] for _ in range(100)]
    numbers.offer(a=1, b=1)
    numbers.offer(a=2)
    await pause()
    assert all(reader.told == ["a2 b1"] for reader in readers)
    assert numbers.made == 1


async def test_what_is_known_is_not_told_again() -> None:
    numbers = Numbers()
    reader, _ = numbers.reader(a=5)
    numbers.offer(a=4)
    numbers.offer(a=5)
    await pause()
    assert reader.told == []


async def test_a_slow_reader_skips_what_lies_between_and_is_told_how_it_is_in_the_end() -> None:
    numbers = Numbers()
    slow, _ = numbers.reader(a=0, b=0)
    fast, _ = numbers.reader(a=0, b=0)
    slow.ready.clear()
    for number in range(1, 100):
        numbers.offer(a=number)
        if number == 50:
            numbers.offer(b=7)
        await pause()
    assert len(fast.told) == 99
    slow.ready.set()
    await pause()
    # The first had been put together before it had to wait.
    assert slow.told == ["a1", "a99 b7"]
    numbers.offer(b=8)
    await pause()
    assert slow.told[2:] == fast.told[99:] == ["b8"]


async def test_what_changes_while_somebody_joins_is_told_unless_he_knows_it() -> None:
    numbers = Numbers()
    numbers.reader(a=0, b=0)
    reader = Reader()
    following = numbers.stream.join(reader)
    numbers.offer(a=3, b=3)
    await pause()
    assert reader.told == []
    following.begin({"a": ("a", 3), "b": ("b", 2)})
    await pause()
    assert reader.told == ["b3"]


async def test_what_changes_while_somebody_comes_back_is_told_though_it_was_no_news() -> None:
    numbers = Numbers()
    numbers.reader(a=0, b=0)
    reader = Reader()
    following = numbers.stream.join(reader)
    numbers.offer(a=1, b=1)
    await pause()
    following.begin({"a": ("a", 1)})
    await pause()
    assert reader.told == ["b1"]


async def test_who_knew_it_before_the_others_is_not_told_again() -> None:
    numbers = Numbers()
    other, _ = numbers.reader(a=1, b=1)
    ahead, _ = numbers.reader(a=2, b=1)
    numbers.offer(a=2)
    await pause()
    assert (other.told, ahead.told) == (["a2"], [])
    another, _ = numbers.reader(a=3, b=1)
    numbers.offer(a=3, b=4)
    await pause()
    assert (other.told[1:], ahead.told, another.told) == (["a3 b4"], ["a3 b4"], ["b4"])
    numbers.offer(a=5)
    await pause()
    assert another.told == ["b4", "a5"]


async def test_who_came_back_is_told_what_is_no_news_to_those_who_joined_since() -> None:
    numbers = Numbers()
    back, also = numbers.back("ab"), numbers.back("ab", b=1)
    # He has read what the others are still to be told.
    ahead, _ = numbers.reader(a=2, b=1)
    # Read before that, and soon to be told as it is now.
    numbers.offer(a=1)
    await pause()
    assert (back.told, also.told, ahead.told) == ([], [], [])
    numbers.offer(a=2)
    await pause()
    assert (back.told, also.told, ahead.told) == (["a2"], ["a2"], [])
    numbers.offer(a=2, b=1)
    await pause()
    assert (back.told, also.told, ahead.told) == (["a2", "b1"], ["a2"], [])
    numbers.offer(a=3, b=2)
    await pause()
    assert [reader.told[-1] for reader in (back, also, ahead)] == ["a3 b2"] * 3
    # Put together once for each that was told something else, but not for each reader.
    assert numbers.made == 3


async def test_what_is_told_while_somebody_comes_back_is_told_though_others_know_it() -> None:
    numbers = Numbers()
    reader = Reader()
    following = numbers.stream.join(reader)
    numbers.reader(a=2)
    numbers.offer(a=2)
    await pause()
    following.begin({}, "a")
    await pause()
    assert reader.told == ["a2"]


async def test_who_knew_more_than_the_others_is_told_that_it_is_as_before() -> None:
    """As where a rule was changed and changed back before its word in the log was read."""
    stream: Stream[str, tuple[int, int]] = Stream(
        lambda new, old: new[0] > old[0] and new[1] != old[1],
        lambda values: " ".join(str(value) for _, value in values).encode(),
        lambda: None,
    )
    readers = [Reader(), Reader()]
    for reader, known in zip(readers, [(1, 5), (2, 3)], strict=True):
        stream.join(reader).begin({"a": known})
    stream.offer("a", (3, 5))
    await pause()
    assert [reader.told for reader in readers] == [[], ["5"]]


async def test_who_catches_up_is_told_together_all_that_was_offered_together() -> None:
    """The cursor that he is given is behind all of it."""
    numbers = Numbers()
    reader, _ = numbers.reader(a=0, b=0)
    reader.ready.clear()
    for number in (1, 2):
        numbers.offer(a=number)
        await pause()
    # He is written to before it is the stream's turn.
    reader.ready.set()
    numbers.offer(a=3, b=3)
    await pause()
    assert [sorted(told.split()) for told in reader.told] == [["a1"], ["a3", "b3"]]


async def test_who_joins_is_told_together_all_that_was_offered_together() -> None:
    numbers = Numbers()
    reader = Reader()
    following = numbers.stream.join(reader)
    numbers.offer(a=1)
    await pause()
    numbers.offer(a=2, b=2)
    following.begin({}, "ab")
    await pause()
    assert reader.told == ["a2 b2"]


async def test_who_cannot_be_told_does_not_keep_others_from_being_told() -> None:
    numbers = Numbers()
    readers = [numbers.reader(a=0)[0] for _ in range(5)]

    def broken(_: bytes) -> bool:
        raise RuntimeError("nobody foresaw this")

    readers[2].send_now = broken  # type: ignore[method-assign, assignment]
    numbers.offer(a=1)
    await pause()
    assert [reader.told for reader in readers] == [["a1"], ["a1"], [], ["a1"], ["a1"]]
    assert [reader.failed for reader in readers] == [False, False, True, False, False]


async def test_who_is_gone_is_forgotten() -> None:
    numbers = Numbers()
    gone, _ = numbers.reader(a=0)
    waiting, _ = numbers.reader(a=0)
    _, left = numbers.reader(a=0)
    gone.gone = True
    waiting.ready.clear()
    numbers.offer(a=1)
    await pause()
    left.end()
    assert not numbers.ended
    waiting.gone = True
    waiting.ready.set()
    await pause()
    assert numbers.ended


async def test_who_leaves_while_he_is_waited_for_is_sent_nothing() -> None:
    numbers = Numbers()
    reader, following = numbers.reader(a=0)
    reader.ready.clear()
    numbers.offer(a=1)
    await pause()
    following.end()
    reader.ready.set()
    await pause()
    assert (reader.told, numbers.ended) == ([], True)


async def test_where_nothing_can_be_put_together_all_are_told_that_it_ends() -> None:
    numbers = Numbers()
    readers = [numbers.reader(a=-5)[0] for _ in range(3)]
    numbers.offer(a=-1)
    await pause()
    assert [reader.failed for reader in readers] == [True] * 3
    assert numbers.ended
