"""Places in a feed: what is known at each, and their ids."""

from hypothesis import given
from hypothesis import strategies as st

from hub.services.feeds.position import (
    EARLIEST,
    MAX_ID_LENGTH,
    NOWHERE,
    START,
    Position,
    position_of,
)
from hub.store.log_cursor import OUTSIDE, LogCursor
from hub.store.log_window import known_until

XIDS = range(1, 30)
KEYS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=64)


def cursor_of(running: set[int], end: int) -> LogCursor:
    before = tuple(sorted(xid for xid in running if xid < end))
    return LogCursor(before[0] if before else end, end, before, "0a1b")


def seen_by(cursor: LogCursor) -> set[int]:
    return {xid for xid in XIDS if xid < cursor.end and xid not in cursor.running}


@st.composite
def two_moments(draw: st.DrawFn) -> tuple[LogCursor, LogCursor]:
    """An earlier cursor and a later one, which sees all that the earlier sees."""
    running = draw(st.sets(st.sampled_from(XIDS)))
    end = draw(st.integers(1, 29))
    earlier = cursor_of(running, end)
    later_end = draw(st.integers(end, 30))
    began_since = st.sets(st.integers(end, 30))
    still = draw(st.sets(st.sampled_from(sorted(running)))) if running else set()
    return earlier, cursor_of(still | draw(began_since), later_end)


@given(two_moments(), st.integers(1, 31))
def test_who_is_told_a_part_knows_what_he_knew_and_that_part(
    moments: tuple[LogCursor, LogCursor], xid: int
) -> None:
    before, seen = moments
    known = known_until(before, seen, xid)
    assert seen_by(known) == seen_by(before) | {one for one in seen_by(seen) if one < xid}
    # It is what PostgreSQL takes for a snapshot.
    assert LogCursor.parse(f"{known.snapshot}.0a1b") == known._replace(mark="0a1b")
    assert known.includes(before)


cursors = two_moments().map(lambda two: two[0])
walked = st.none() | st.just("") | KEYS


@given(
    st.tuples(cursors | st.just(OUTSIDE), walked).map(lambda one: Position(one[0], walked=one[1]))
    | st.builds(
        Position,
        known=cursors | st.just(OUTSIDE),
        seen=cursors,
        xid=st.sampled_from(XIDS),
        key=KEYS,
        walked=walked,
    )
)
def test_the_id_of_a_position_leads_back_to_it(position: Position) -> None:
    assert position_of(position.id) == position
    # It goes into a header and into a line of an event.
    assert position.id.isascii()
    assert position.id.isprintable()
    assert " " not in position.id
    assert len(position.id) < MAX_ID_LENGTH


@given(st.text())
def test_whatever_is_sent_as_an_id_stands_somewhere(text: str) -> None:
    assert position_of(text) == (Position(OUTSIDE) if text == EARLIEST else NOWHERE)


def test_who_brings_no_id_knows_nothing() -> None:
    assert position_of(None) == START
    assert position_of(EARLIEST).cursors == []
    assert position_of(OUTSIDE.text) == NOWHERE
    assert NOWHERE.cursors != []
