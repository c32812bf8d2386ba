"""When a source is asked again, and what became of asking it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.fetching import Fetch

REMEMBERED_POLLS: Final = 20
"""As many answers back tell how fast stock moves."""
MAX_RETRY_AFTER: Final = timedelta(days=1)
_SHORTER: Final = 0.5
_LONGER: Final = 1.25


class PollOutcome(StrEnum):
    """What became of a poll."""

    TAKEN = "TAKEN"
    """Something came, and is in the inbox or a snapshot."""
    UNCHANGED = "UNCHANGED"
    """There was nothing new."""
    REFUSED = "REFUSED"
    """What came could not be read, or a file of it."""
    FAILED = "FAILED"
    """The other side did not answer as it should."""
    PUT_OFF = "PUT_OFF"
    """It was not asked: it wants to be left alone, or its circuit is open."""


class PollState(NamedTuple):
    """What is remembered of a source from poll to poll."""

    key: str
    """Names what was taken last. With what comes next it makes the next name: so the same content
    is the same until something else was taken, and another time it is something new."""
    place: str = ""
    """What was asked: of another place nothing below holds."""
    version: int = 0
    """Of the source: by other settings the same content may say more."""
    digest: str | None = None
    """Of the content that was taken last, with what it was asked by."""
    whole: bool = False
    """Whether all of that was taken, so that the same again needs no second look."""
    etag: str | None = None
    last_modified: str | None = None
    cursor: str | None = None
    mark: float | None = None
    """The date of the newest file that was taken, and the names of those of that date."""
    names: tuple[str, ...] = ()
    changed: tuple[bool, ...] = ()
    """Whether the last answers had something new, the newest last."""

    def asking(self, place: str, version: int) -> "PollState":
        """What of it holds where a source is asked at a place, by settings of that version."""
        if self.place != place:
            return PollState(self.key, place, version, self.digest, changed=self.changed)
        if self.version != version:
            return self._replace(version=version, whole=False, etag=None, last_modified=None)
        return self

    def answered(self, changed: bool) -> "PollState":
        """The same with one more answer, which had something new or not."""
        return self._replace(changed=(*self.changed, changed)[-REMEMBERED_POLLS:])


class Polled(NamedTuple):
    """What became of asking once."""

    outcome: PollOutcome
    state: PollState
    """To be remembered."""
    report: Mapping[str, Any] = {}
    """What became of the rows; empty where nothing came."""
    problem: str | None = None
    retry_after: timedelta | None = None


class Polling(NamedTuple):
    """How asking a source goes on."""

    next_at: datetime
    last_at: datetime | None
    """When it was last asked."""
    outcome: PollOutcome | None
    problem: str | None
    """Why, where it was refused or failed."""
    report: Mapping[str, Any]
    """What became of the rows when something came the last time."""


def next_interval(fetch: Fetch, changed: Sequence[bool]) -> timedelta:
    """How long to wait, from whether the last answers had something new, the newest last.

    It begins at `every`. Each answer with something new halves the interval, each without makes it
    a quarter longer, between `at_least` and `at_most`. Since two halvings take about six such
    steps to undo, it comes to rest where about every fourth answer has something new: a source
    whose stock moves all the time is asked at the shortest interval, one that is quiet at the
    longest.
    """
    interval = fetch.every
    for one in changed[-REMEMBERED_POLLS:]:
        interval = interval * (_SHORTER if one else _LONGER)
        interval = min(fetch.at_most, max(fetch.at_least, interval))
    return interval


def with_jitter(interval: timedelta, share: float, chance: float) -> timedelta:
    """An interval that is longer or shorter by up to a share; `chance` is from 0 to 1."""
    return interval * (1 + share * (2 * chance - 1))


def retry_after_of(text: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for, in seconds or as a date; None where it says nothing
    one could use. Never longer than a day."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), MAX_RETRY_AFTER)
