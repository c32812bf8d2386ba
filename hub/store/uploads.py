"""Uploads for sources: how far each has come, and what is known of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.errors import IdempotencyMismatch
from hub.domain.uploads import (
    Callback,
    CallbackState,
    NewUpload,
    Upload,
    UploadCounts,
    UploadState,
)
from hub.store.database import Database
from hub.store.snapshot_jobs import read_snapshots_of
from hub.store.transactions import Transaction, rows_of
from hub.store.upload_content import drop_content
from hub.store.upload_rows import forget_rows_of

_ADVISORY_LOCK: Final = 0x4855420C
"""What is sent twice at a time is heard one after the other."""

_COLUMNS: Final = """id, source, actor, name, media_type, sender_id, as_of,
    configuration::text as configuration, digest, size, content, state, counts::text as counts,
    read_bytes, rows, parts, snapshot, replies::text as replies, error_code, error,
    callback_state, callback_tries, received_at, started_at, finished_at"""

# ruff: noqa: S608 - only constants are put into statements

_LOCK: Final = "select pg_advisory_xact_lock($1, hashtext($2))"

_OTHER: Final = """
    select 1 from upload
    where source = $1 and actor = $2 and sender_id = $3 and state <> 'FAILED'
      and (digest <> $4 or as_of is distinct from $5)"""

_ADD: Final = f"""
    insert into upload (source, actor, name, media_type, sender_id, as_of, configuration, digest,
                        size, content, callback_url, callback_secret, callback_state)
    values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13)
    on conflict on constraint upload_known do nothing returning {_COLUMNS}"""

_SAME: Final = f"""
    select {_COLUMNS}, configuration = $6::text::jsonb as as_configured from upload
    where source = $1 and actor = $2 and sender_id is not distinct from $3
      and as_of is not distinct from $4 and digest = $5"""

# Forgets what an earlier try has found.
_AGAIN: Final = f"""
    update upload set
        state = 'QUEUED', name = $2, media_type = $3, configuration = $4::text::jsonb,
        content = $5, callback_url = $6, callback_secret = $7, callback_state = $8,
        callback_tries = 0, counts = '{{}}', read_bytes = 0, rows = null, parts = 0,
        snapshot = null, replies = '[]', error_code = null, error = null,
        received_at = clock_timestamp(), started_at = null, finished_at = null
    where id = $1 returning {_COLUMNS}"""

_BY_ID: Final = f"""
    select {_COLUMNS} from upload where id = $1 and ($2::text is null or actor = $2)"""

_PAGE: Final = f"""
    select {_COLUMNS} from upload
    where ($1::text is null or actor = $1) and ($2::text is null or source = $2)
      and ($3::bigint is null or id < $3)
    order by id desc limit $4"""

_UNFINISHED: Final = """
    select count(*) as many from upload where actor = $1 and state in ('QUEUED', 'RUNNING')"""

_BEGIN: Final = f"""
    update upload set
        state = 'RUNNING', started_at = coalesce(started_at, clock_timestamp())
    where id = $1 and state in ('QUEUED', 'RUNNING') returning {_COLUMNS}"""

# Its bytes tell one sending of the same from the next: they go when it ends.
_PROGRESS: Final = """
    update upload set read_bytes = $3, rows = $4
    where id = $1 and content = $2 and state = 'RUNNING'"""

_NOTE_PART: Final = """
    update upload set parts = parts + 1, counts = $4::text::jsonb
    where id = $1 and content = $2 and parts = $3 and state = 'RUNNING' returning id"""

_NOTE_SNAPSHOT: Final = """
    update upload set snapshot = $3, counts = $4::text::jsonb
    where id = $1 and content = $2 and snapshot is null and parts = 0 and state = 'RUNNING'
    returning id"""

_FINISH: Final = """
    update upload set
        state = $3, counts = $4::text::jsonb, replies = $5::text::jsonb, error_code = $6,
        error = $7, content = null, finished_at = clock_timestamp()
    where id = $1 and content = $2 and state = 'RUNNING' returning callback_url"""

_CALLBACK: Final = """
    select callback_url, callback_secret from upload
    where id = $1 and callback_state = 'PENDING' and callback_tries = $2"""

_CALLED: Final = """
    update upload set
        callback_tries = callback_tries + 1, callback_state = $3,
        callback_secret = case when $3 = 'PENDING' then callback_secret end
    where id = $1 and callback_tries = $2 and callback_state = 'PENDING' and finished_at = $4
    returning id"""

_OLD: Final = """
    select id from upload
    where received_at < clock_timestamp() - $1::interval and state in ('DONE', 'FAILED')
    limit 100"""


class Queued(NamedTuple):
    """An upload that has come in."""

    upload: Upload
    again: bool
    """Whether it was there before, and nothing is to be done for it."""


async def queue_upload(client: Transaction, new: NewUpload, content: int) -> Queued:
    """Have an upload taken in. The same again is the same one: it is taken in once more where it
    failed, or where its source is configured otherwise by now. Raises `IdempotencyMismatch` where
    the sender's id stands for something else."""
    configuration = _json(new.configuration)
    key = f"{new.source}\n{new.actor}\n{new.sender_id or new.digest.hex()}"
    await rows_of(client, _LOCK, [_ADVISORY_LOCK, key])
    owner = [new.source, new.actor, new.sender_id]
    if new.sender_id is not None and await rows_of(client, _OTHER, [*owner, new.digest, new.as_of]):
        raise IdempotencyMismatch(key=new.sender_id)
    callback = _callback_columns(new.callback)
    rows = await rows_of(
        client,
        _ADD,
        [new.source, new.actor, new.name, new.media_type, new.sender_id, new.as_of, configuration,
         new.digest, new.size, content, *callback],
    )  # fmt: skip
    if rows:
        return Queued(_upload(rows[0], {}), False)
    (row,) = await rows_of(client, _SAME, [*owner, new.as_of, new.digest, configuration])
    known = _upload(row, await read_snapshots_of(client, [row["snapshot"]]))
    done = known.state is UploadState.DONE and row["as_configured"]
    if done or known.state in (UploadState.QUEUED, UploadState.RUNNING):
        await drop_content(client, content)
        return Queued(known, True)
    await forget_rows_of(client, known.id)
    values = [known.id, new.name, new.media_type, configuration, content, *callback]
    (row,) = await rows_of(client, _AGAIN, values)
    return Queued(_upload(row, {}), False)


async def read_upload(
    client: Database | Transaction, id: int, actor: str | None = None
) -> Upload | None:
    """An upload; with `actor`, only if it is his."""
    found = await _uploads(client, await rows_of(client, _BY_ID, [id, actor]))
    return found[0] if found else None


async def read_uploads(
    database: Database, actor: str | None, source: str | None, before: int | None, limit: int
) -> list[Upload]:
    """Uploads of somebody or of all, the newest first."""
    return await _uploads(database, await database.fetch(_PAGE, [actor, source, before, limit]))


async def count_unfinished(database: Database, actor: str) -> int:
    """Uploads of somebody that are still to be taken in."""
    return int((await database.fetch(_UNFINISHED, [actor]))[0]["many"])


async def begin_upload(database: Database, id: int) -> Upload | None:
    """The upload that is now being taken in; None where that is done, or it is gone."""
    found = await _uploads(database, await database.fetch(_BEGIN, [id]))
    return found[0] if found else None


async def save_progress(
    database: Database, upload: Upload, read_bytes: int, rows: int | None
) -> None:
    """Note how much is read."""
    await database.fetch(_PROGRESS, [upload.id, upload.content, read_bytes, rows])


async def note_part(client: Transaction, upload: Upload, part: int, counts: UploadCounts) -> bool:
    """Note that a part is in, with all counts so far; False where somebody else has noted it."""
    values = [upload.id, upload.content, part, _json(counts._asdict())]
    return bool(await rows_of(client, _NOTE_PART, values))


async def note_snapshot(
    client: Transaction, upload: Upload, snapshot: int, counts: UploadCounts
) -> bool:
    """Note the snapshot that an upload is; False where somebody else has noted it."""
    values = [upload.id, upload.content, snapshot, _json(counts._asdict())]
    return bool(await rows_of(client, _NOTE_SNAPSHOT, values))


async def finish_upload(
    client: Transaction,
    upload: Upload,
    state: UploadState,
    counts: UploadCounts,
    replies: Iterable[str],
    error: tuple[str | None, str | None],
) -> bool | None:
    """Note the end of an upload, and remove its bytes. Whether somebody wants to be told; None
    where it has ended already."""
    told = [state.value, _json(counts._asdict()), _json(list(replies)), *error]
    rows = await rows_of(client, _FINISH, [upload.id, upload.content, *told])
    if not rows:
        return None
    assert upload.content is not None, "it was found by them"
    await drop_content(client, upload.content)
    return rows[0]["callback_url"] is not None


async def read_callback(database: Database, id: int, tries: int) -> Callback | None:
    """Whom to tell of an upload after so many tries; None where that was done."""
    rows = await database.fetch(_CALLBACK, [id, tries])
    return Callback(*rows[0].values()) if rows else None


async def note_call(
    client: Transaction, id: int, ended: datetime, tries: int, state: CallbackState
) -> bool:
    """Note what came of telling an end; False where somebody else has, or it is another by now."""
    return bool(await rows_of(client, _CALLED, [id, tries, state.value, ended]))


async def forget_uploads(database: Database, kept: timedelta) -> int:
    """Remove what ended and is older than that; how many they were. Their events stay."""
    forgotten = 0
    while rows := await database.fetch(_OLD, [kept]):
        for row in rows:
            await forget_rows_of(database, row["id"])
            await database.fetch("delete from upload where id = $1", [row["id"]])
        forgotten += len(rows)
    return forgotten


def _callback_columns(callback: Callback | None) -> list[str | None]:
    if callback is None:
        return [None, None, None]
    return [callback.url, callback.secret, CallbackState.PENDING.value]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _uploads(
    client: Database | Transaction, rows: Iterable[Mapping[str, Any]]
) -> list[Upload]:
    found = list(rows)
    snapshots = await read_snapshots_of(client, [row["snapshot"] for row in found])
    return [_upload(row, snapshots) for row in found]


def _upload(row: Mapping[str, Any], snapshots: Mapping[int, Any]) -> Upload:
    values = {name: row[name] for name in Upload._fields}
    state = values["callback_state"]
    values["state"] = UploadState(values["state"])
    values["callback_state"] = None if state is None else CallbackState(state)
    values["configuration"] = orjson.loads(values["configuration"])
    values["counts"] = UploadCounts(**orjson.loads(values["counts"]))
    values["replies"] = tuple(orjson.loads(values["replies"]))
    values["snapshot"] = snapshots.get(values["snapshot"])
    return Upload(**values)
