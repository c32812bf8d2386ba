"""A mailbox holds the newest value of each key, and never more than its keys."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.live.mailbox import Mailbox
from tests.unit.domain.exploration import explored

Box = Mailbox[str, tuple[str, int]]
"""Values are (key, version)."""


def new_box() -> Box:
    """A mailbox in which a higher version is the newer one."""
    return Mailbox(lambda new, old: new[1] > old[1])


def offer(box: Box, *values: tuple[str, int]) -> None:
    """Offer values under their keys."""
    for value in values:
        box.offer(value[0], value)


async def waiting(box: Box) -> list[tuple[str, int]]:
    """What waits in a box; nothing if there is nothing by the time all others have had a turn."""
    taking = asyncio.ensure_future(box.take())
    for _ in range(3):
        await asyncio.sleep(0)
    if taking.done():
        return taking.result()
    taking.cancel()
    return []


async def test_what_is_offered_is_taken_once() -> None:
    box = new_box()
    offer(box, ("MUG", 1))
    assert await waiting(box) == [("MUG", 1)]
    assert await waiting(box) == []


async def test_a_slow_reader_gets_the_newest_value_and_no_history() -> None:
    box = new_box()
    offer(box, *(("MUG", version) for version in range(1, 1_001)), ("LAMP", 7))
    assert await waiting(box) == [("MUG", 1_000), ("LAMP", 7)]


async def test_an_older_value_never_replaces_a_newer_one() -> None:
    box = new_box()
    offer(box, ("MUG", 5), ("MUG", 4), ("MUG", 5))
    assert await waiting(box) == [("MUG", 5)]


async def test_what_was_taken_is_not_shown_again_nor_anything_before_it() -> None:
    box = new_box()
    offer(box, ("MUG", 5))
    await waiting(box)
    offer(box, ("MUG", 5), ("MUG", 3))
    assert await waiting(box) == []
    offer(box, ("MUG", 6))
    assert await waiting(box) == [("MUG", 6)]


async def test_the_snapshot_swallows_what_is_not_newer_than_itself() -> None:
    box = new_box()
    offer(box, ("MUG", 4), ("LAMP", 9))
    box.mark_seen("MUG", ("MUG", 5))
    box.mark_seen("LAMP", ("LAMP", 8))
    assert await waiting(box) == [("LAMP", 9)]
    offer(box, ("MUG", 5))
    assert await waiting(box) == []


async def test_a_box_emptied_by_the_snapshot_makes_its_reader_wait() -> None:
    box = new_box()
    offer(box, ("MUG", 4))
    box.mark_seen("MUG", ("MUG", 4))
    assert await waiting(box) == []
    offer(box, ("MUG", 5))
    assert await waiting(box) == [("MUG", 5)]


async def test_a_reader_who_waits_is_woken_by_the_first_value() -> None:
    box = new_box()
    taking = asyncio.ensure_future(box.take())
    await asyncio.sleep(0)
    assert not taking.done()
    offer(box, ("MUG", 1))
    assert await asyncio.wait_for(taking, 1) == [("MUG", 1)]


async def test_a_reader_who_is_cancelled_loses_nothing() -> None:
    box = new_box()
    taking = asyncio.ensure_future(box.take())
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    offer(box, ("MUG", 1))
    assert await waiting(box) == [("MUG", 1)]


KEYS = ["MUG", "LAMP", "OIL"]


@explored(100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["offer", "take", "seen"]), st.sampled_from(KEYS), st.integers(1, 9)
        ),
        max_size=30,
    )
)
def test_a_reader_sees_each_key_only_ever_get_newer_and_ends_with_the_newest(
    steps: list[tuple[str, str, int]],
) -> None:
    async def live_through_them() -> None:
        box, newest, seen = new_box(), dict[str, int](), dict[str, int]()

        async def read() -> None:
            values = await waiting(box)
            assert len({key for key, _ in values}) == len(values) <= len(KEYS)
            for key, version in values:
                assert version > seen.get(key, 0)
                seen[key] = version

        for step, key, version in steps:
            if step == "take":
                await read()
                continue
            if step == "offer":
                offer(box, (key, version))
            elif version >= seen.get(key, 0):
                box.mark_seen(key, (key, version))
                seen[key] = version
            else:
                continue
            newest[key] = max(version, newest.get(key, 0))
        await read()
        assert seen == newest

    asyncio.run(live_through_them())
