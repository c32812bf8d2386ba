"""What is kept of an item answers for the time at which it was read, or a later one."""

from hub.domain.status import AvailabilityStatus
from hub.services.cached_item import CachedItem, ReadOf
from tests.unit.builders import NOW, item, later, position, rules, units


def test_an_answer_for_a_time_before_the_read_is_one_for_the_time_of_the_read() -> None:
    release = later(5)
    of = ReadOf(1, rules(), release)
    kept = CachedItem(of, item(preorders=3, released=release), [position(on_hand=9)])
    # No date is to come: what is answered now stays.
    assert kept.next_date() is None

    answer = kept.availability("web", units(1), NOW)

    assert (answer.status, answer.as_of) == (AvailabilityStatus.IN_STOCK, release)
