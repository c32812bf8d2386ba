"""A group knows who watches what, so that nothing is computed that nobody watches."""

import pytest

from hub.live.groups import Group
from hub.live.mailbox import Mailbox

Box = Mailbox[str, int]


@pytest.fixture
def group() -> Group[str, int]:
    """A group without members."""
    return Group()


def new_box() -> Box:
    """A mailbox of plain numbers."""
    return Mailbox(lambda new, old: new > old)


async def test_a_value_reaches_those_who_watch_its_key_and_nobody_else(
    group: Group[str, int],
) -> None:
    mug, both, lamp = new_box(), new_box(), new_box()
    group.join(mug, ["MUG"])
    group.join(both, ["MUG", "LAMP"])
    group.join(lamp, ["LAMP"])
    assert group.offer("MUG", 1) == 2
    assert group.offer("LAMP", 7) == 2
    assert group.offer("OIL", 9) == 0
    assert await mug.take() == [1]
    assert await both.take() == [1, 7]
    assert await lamp.take() == [7]


async def test_who_watches_everything_gets_every_value(group: Group[str, int]) -> None:
    every = new_box()
    group.join(every, None)
    assert (group.offer("MUG", 1), group.offer("OIL", 2)) == (1, 1)
    assert await every.take() == [1, 2]


def test_only_what_somebody_watches_needs_to_be_computed(group: Group[str, int]) -> None:
    group.join(new_box(), ["MUG", "LAMP"])
    assert group.watched(["OIL", "LAMP", "TEA", "MUG"]) == ["LAMP", "MUG"]
    assert group.watched([]) == []
    assert sorted(group.keys()) == ["LAMP", "MUG"]


def test_everything_needs_to_be_computed_while_somebody_watches_everything(
    group: Group[str, int],
) -> None:
    every = new_box()
    group.join(every, None)
    assert group.watched(["OIL", "TEA"]) == ["OIL", "TEA"]
    assert group.keys() == []
    group.leave(every, None)
    assert group.watched(["OIL", "TEA"]) == []


def test_who_has_left_gets_nothing_more_and_those_who_stay_do(group: Group[str, int]) -> None:
    going, staying = new_box(), new_box()
    group.join(going, ["MUG", "LAMP"])
    group.join(staying, ["MUG"])
    group.leave(going, ["MUG", "LAMP"])
    assert group.offer("MUG", 1) == 1
    assert group.offer("LAMP", 1) == 0
    assert group.keys() == ["MUG"]


def test_a_group_that_all_have_left_is_empty_and_remembers_no_key(group: Group[str, int]) -> None:
    named, every = new_box(), new_box()
    assert group.empty
    group.join(named, ["MUG"])
    group.join(every, None)
    group.leave(named, ["MUG"])
    assert not group.empty
    group.leave(every, None)
    assert group.empty
    assert group.keys() == []


def test_leaving_what_one_never_joined_disturbs_nobody(group: Group[str, int]) -> None:
    staying = new_box()
    group.join(staying, ["MUG"])
    group.leave(new_box(), ["MUG", "OIL"])
    group.leave(new_box(), None)
    assert group.offer("MUG", 1) == 1


def test_joining_twice_counts_once(group: Group[str, int]) -> None:
    box = new_box()
    group.join(box, ["MUG", "MUG"])
    group.join(box, ["MUG"])
    assert group.offer("MUG", 1) == 1
