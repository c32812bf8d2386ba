"""Dead letters: events that could not be worked, for those who see to them.

Whatever is done goes into the letter's history with who did it. An entry of the inbox is worked in
the transaction that marks it, so one that is put back takes effect once, whoever presses how often
and whatever dies in between.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.commands import Origin
from hub.domain.dead_letters import DeadLetter, LetterState, LetterStep, SoughtLetters
from hub.domain.errors import (
    DeadLetterNotFound,
    DeadLetterSettled,
    HubError,
    InvalidInput,
)
from hub.domain.events import command_from, event_from
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import text_from
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.ids import number_from
from hub.services.once import Outcome, done_once
from hub.store import dead_letters as store
from hub.store.database import Database
from hub.store.inbox_history import note_action, read_history
from hub.store.transactions import Transaction

MAX_AT_ONCE: Final = 10_000
"""Dead letters that are put back or discarded by one request."""
_OPEN: Final = (LetterState.DEAD, LetterState.DISCARDED)
"""What can still be put back: who discarded a letter may have been wrong."""


class ManyDone(NamedTuple):
    """What was done to how many dead letters, and how many like them are left."""

    done: int
    left: int


class DeadLetters:
    """Shows what could not be worked, puts it back, or ends it for good."""

    def __init__(self, database: Database, wake: Callable[[], None], max_page: int) -> None:
        self._database = database
        self._wake = wake
        self._max_page = max_page

    async def page(
        self,
        principal: Principal,
        sought: SoughtLetters,
        first: int,
        after: str | None,
        states: Sequence[LetterState] = (LetterState.DEAD,),
    ) -> Page[DeadLetter]:
        """The next dead letters behind the cursor `after`, newest first; in other `states`, those
        that were dead letters once. Raises `InvalidInput`."""
        principal.require(AccessScope.EVENTS_INGEST)
        check_page_size(first, self._max_page)
        _check(sought)
        before = None if after is None else place_from(after, (int,))[0]
        if set(states) == {LetterState.DEAD}:
            found = await store.read_page(self._database, sought, before, first + 1)
        else:
            found = await store.read_failed_page(self._database, sought, states, before, first + 1)
        rows = found[:first]
        cursors = [cursor_of([row.id]) for row in rows]
        return Page(await self._letters(rows), cursors, len(found) > first)

    async def by_id(self, principal: Principal, id: str) -> DeadLetter | None:
        """A dead letter, also one that has been put back or discarded since."""
        principal.require(AccessScope.EVENTS_INGEST)
        row = await store.read_letter(self._database, number_from(id))
        return None if row is None else (await self._letters([row]))[0]

    async def requeue(self, principal: Principal, id: str, key: str | None = None) -> DeadLetter:
        """Have a dead letter worked again. Raises `DeadLetterNotFound`, `DeadLetterSettled` and
        the idempotency errors."""

        async def work(client: Transaction) -> Outcome:
            await _open(client, id)
            await _put_back(client, [number_from(id)], principal)
            return {}

        return await self._done(principal, key, ("requeue_dead_letter", id), work, id)

    async def edit(
        self, principal: Principal, id: str, payload: Any, key: str | None = None
    ) -> DeadLetter:
        """Have a dead letter worked by another payload, which must be an event with the same id.
        The one that came is kept, and is still a duplicate when it comes again. Raises as `requeue`
        does, and `InvalidInput`."""

        text, event_id = _checked(payload)

        async def work(client: Transaction) -> Outcome:
            letter = await _open(client, id)
            if event_id != letter.event_id:
                raise InvalidInput(field="payload.id", problem=f"must stay {letter.event_id}")
            await store.edit(client, number_from(id), text)
            ids = [number_from(id)]
            await note_action(client, ids, LetterStep.EDITED, principal.name, payload=text)
            await _put_back(client, ids, principal)
            return {}

        return await self._done(principal, key, ("edit_dead_letter", id, text), work, id)

    async def discard(
        self, principal: Principal, id: str, reason: str, key: str | None = None
    ) -> DeadLetter:
        """End a dead letter for good. Raises as `requeue` does, and `InvalidInput`."""
        text_from(reason, "reason")

        async def work(client: Transaction) -> Outcome:
            await _open(client, id, LetterState.DEAD)
            await _end(client, [number_from(id)], principal, reason)
            return {}

        return await self._done(principal, key, ("discard_dead_letter", id, reason), work, id)

    async def requeue_many(
        self, principal: Principal, sought: SoughtLetters, most: int, key: str | None = None
    ) -> ManyDone:
        """Have the oldest of the dead letters that are sought worked again, at most `most`. Raises
        `InvalidInput` and the idempotency errors."""

        async def act(client: Transaction, ids: Sequence[int]) -> None:
            await _put_back(client, ids, principal)

        return await self._many(principal, ("requeue_dead_letters",), sought, most, key, act)

    async def discard_many(
        self,
        principal: Principal,
        sought: SoughtLetters,
        most: int,
        reason: str,
        key: str | None = None,
    ) -> ManyDone:
        """End the oldest of the dead letters that are sought, at most `most`. Raises as
        `requeue_many` does."""
        text_from(reason, "reason")

        async def act(client: Transaction, ids: Sequence[int]) -> None:
            await _end(client, ids, principal, reason)

        name = ("discard_dead_letters", reason)
        return await self._many(principal, name, sought, most, key, act)

    async def count_by_source(self) -> dict[str, int]:
        """How many there are, of each source that has some."""
        return await store.count_by_source(self._database)

    async def _done(
        self, principal: Principal, key: str | None, request: tuple[Any, ...], work: Any, id: str
    ) -> DeadLetter:
        principal.require(AccessScope.ADMIN)
        await done_once(self._database, principal, key, request, work)
        self._wake()
        row = await store.read_letter(self._database, number_from(id))
        if row is None:
            raise DeadLetterNotFound(id=id)
        return (await self._letters([row]))[0]

    async def _many(
        self,
        principal: Principal,
        name: tuple[str, ...],
        sought: SoughtLetters,
        most: int,
        key: str | None,
        act: Callable[[Transaction, Sequence[int]], Any],
    ) -> ManyDone:
        principal.require(AccessScope.ADMIN)
        _check(sought)
        if not 1 <= most <= MAX_AT_ONCE:
            raise InvalidInput(field="most", problem=f"must be 1 to {MAX_AT_ONCE}")

        async def work(client: Transaction) -> Outcome:
            ids = await store.lock_letters(client, sought, most)
            await act(client, ids)
            return {"done": len(ids), "left": await store.count_letters(client, sought)}

        outcome = await done_once(self._database, principal, key, (*name, *sought, most), work)
        self._wake()
        return ManyDone(outcome["done"], outcome["left"])

    async def _letters(self, rows: Sequence[store.LetterRow]) -> list[DeadLetter]:
        history = await read_history(self._database, [row.id for row in rows]) if rows else {}
        return [
            DeadLetter(
                source=row.source,
                event_id=row.event_id,
                type=row.type,
                payload=row.payload,
                error_code=row.error_code,
                error=row.error,
                attempts=row.attempts,
                received_at=row.received_at,
                failed_at=row.worked_at,
                id=str(row.id),
                state=LetterState(row.state),
                edited_payload=row.edited,
                history=tuple(history.get(row.id, ())),
            )
            for row in rows
        ]


async def _open(client: Transaction, id: str, *states: LetterState) -> store.LockedLetter:
    """A letter that can be put back, or is in one of `states`; locked."""
    letter = await store.lock_letter(client, number_from(id))
    if letter is None:
        raise DeadLetterNotFound(id=id)
    if letter.state not in (states or _OPEN):
        raise DeadLetterSettled(id=id, state=letter.state)
    return letter


async def _put_back(client: Transaction, ids: Sequence[int], principal: Principal) -> None:
    if ids:
        await store.requeue(client, ids)
        await note_action(client, ids, LetterStep.REQUEUED, principal.name)


async def _end(client: Transaction, ids: Sequence[int], principal: Principal, reason: str) -> None:
    if ids:
        await store.discard(client, ids, reason)
        await note_action(client, ids, LetterStep.DISCARDED, principal.name, reason)


def _check(sought: SoughtLetters) -> None:
    named = {"source": sought.source, "errorCode": sought.error_code, "type": sought.type}
    for name, value in named.items():
        if value is not None:
            text_from(value, f"filter.{name}")


def _checked(payload: Any) -> tuple[str, str]:
    """The text of an event that can be worked, and its id; raises `InvalidInput`."""
    try:
        event = event_from(payload)
        command_from(event, Origin("edit"), lambda: "")
        text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    except InvalidInput as error:
        field = f"payload.{error.data['field']}"
        raise InvalidInput(field=field, problem=error.data["problem"]) from None
    except (TypeError, HubError) as error:
        raise InvalidInput(field="payload", problem=str(error)) from None
    if b"\\u0000" in text:
        raise InvalidInput(field="payload", problem="must not hold the character U+0000")
    return text.decode(), event.id
