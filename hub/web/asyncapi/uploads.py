"""Files that others send for a source, and what their senders are told once these are in."""

from functools import cache
from typing import Any, Final

from hub.domain.guard_rails import Tripped
from hub.domain.snapshots import Missing, Snapshot, SnapshotState
from hub.domain.uploads import CallbackState, Upload, UploadCounts, UploadState
from hub.services.upload_jobs import CALLBACK_TYPE
from hub.web.asyncapi.parts import answer, channel, message, object_of, operation, posted
from hub.web.asyncapi.shapes import SCHEMAS, cut_shapes, told_name
from hub.web.rest.answers import Json
from hub.web.rest.examples import EXAMPLE_TIME
from hub.web.uploads import UPLOADS

UPLOAD: Final = "upload"
CALLBACK: Final = "uploadCallback"
SNAPSHOT: Final[Json] = {
    "description": "What became of it, where it tells all that there is.",
    "anyOf": [{"$ref": SCHEMAS + told_name("StockSnapshot")}],
}
_TAKEN: Final = "uploadTaken"
_DOOR: Final = """\
A file of a configured source, in its format, packed with gzip or not. It is answered with 202 once
it is stored for good, and taken in by a job after that. The headers `callback-url` and
`callback-secret` ask to be told of its end.

Needs a token with the scope `events:ingest`; for a source that signs, `admin`.
"""
_TOLD: Final = """\
A POST to the `callback-url` of an upload, signed by its `callback-secret` as Standard Webhooks have
it: `webhook-id`, `webhook-timestamp` and `webhook-signature`. Answer with 2xx within 15 seconds;
what fails is tried again, ten times over 75 hours.
"""


def upload_channels() -> Json:
    """The channels of uploads."""
    source = {"description": "The source that the file is for."}
    address = {"description": "As the header `callback-url` of the upload names it."}
    return {
        UPLOAD: {
            **channel(UPLOADS, ["hub"], ["delivery", _TAKEN, "refused"], _DOOR),
            "parameters": {"source": source},
        },
        CALLBACK: {
            **channel("{callback}", ["partner"], [CALLBACK_TYPE], _TOLD),
            "parameters": {"callback": address},
        },
    }


def upload_operations() -> Json:
    """What the hub does with uploads."""
    return {
        "takeUpload": posted(
            UPLOAD, "Store a file, to be taken in.", ["delivery"], [_TAKEN, "refused"]
        ),
        "tellOfUpload": operation(
            "send", CALLBACK, "Tell its sender that a file is in, or is not."
        ),
    }


def upload_messages() -> Json:
    """The messages of these channels."""
    queued = {**_example(UploadState.QUEUED).as_dict(), "duplicate": False}
    done = _example(UploadState.DONE)
    finished = {"type": CALLBACK_TYPE, "timestamp": done.finished_at, "data": done.as_dict()}
    return {
        _TAKEN: answer(_TAKEN, "The file is stored for good.", 202, "UploadTaken", queued),
        CALLBACK_TYPE: message(
            CALLBACK_TYPE,
            "A file is in, or can not be taken in.",
            "application/json",
            "UploadFinished",
            finished,
        ),
    }


@cache
def upload_schemas() -> Json:
    """The schemas of these messages, and of snapshots."""
    done = _example(UploadState.DONE)
    assert done.snapshot is not None, "the example is a snapshot"
    told = done.as_dict()
    own = {name: told.pop(name) for name in ("snapshot", "error", "callback")}
    cut = cut_shapes({"Upload": told, "StockSnapshot": own["snapshot"]})
    upload = cut[told_name("Upload")]
    error = object_of(
        "Why it failed; null if it did not.",
        {
            "code": {"type": "string", "description": "The stable code."},
            "message": {"type": "string", "description": "Why, in English, for developers."},
        },
    )
    properties = {
        **upload["properties"],
        "snapshot": {**SNAPSHOT, "anyOf": [*SNAPSHOT["anyOf"], {"type": "null"}]},
        "error": {**error, "type": ["object", "null"]},
        "callback": {
            "type": ["string", "null"],
            "enum": [*(one.value for one in CallbackState), None],
            "description": "Whether its sender was told of its end; null if he did not ask.",
        },
    }
    upload = {**upload, "properties": properties, "required": list(properties)}
    again = {
        "type": "boolean",
        "description": "Whether it was there before, and is not taken in twice.",
    }
    finished = object_of(
        "The end of an upload.",
        {
            "type": {"const": CALLBACK_TYPE, "description": "What is told."},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When it ended.",
            },
            "data": {"$ref": SCHEMAS + told_name("Upload")},
        },
    )
    taken = {
        **upload,
        "properties": {**properties, "duplicate": again},
        "required": [*properties, "duplicate"],
    }
    return {**cut, told_name("Upload"): upload, "UploadTaken": taken, "UploadFinished": finished}


def snapshot_example() -> Json:
    """A snapshot that waits for a person, as the doors tell of it."""
    return _snapshot().as_dict()


def _snapshot() -> Snapshot:
    tripped = Tripped("zeroed_share", 0.3, 1.0, "would leave nothing of 40 of the 40 items")
    return Snapshot(
        id=7,
        source="nordlager",
        name="monday.csv",
        state=SnapshotState.QUARANTINED,
        missing=Missing.KEEP,
        rows=41,
        left_out=0,
        applied=0,
        refused=1,
        unchanged=0,
        as_of=EXAMPLE_TIME,
        report=(tripped,),
        received_at=EXAMPLE_TIME,
        decided_at=None,
        decided_by=None,
        reason=None,
        finished_at=None,
    )


def _example(state: UploadState) -> Upload:
    """A file that has just come, or that is done with."""
    is_done = state is UploadState.DONE
    facts: dict[str, Any] = {"configuration": {}, "digest": b"", "content": None, "parts": 0}
    return Upload(
        id=1,
        source="nordlager",
        actor="shop",
        name="monday.csv",
        media_type="text/csv",
        sender_id="monday",
        as_of=None,
        size=912,
        state=state,
        counts=UploadCounts(read=41, refused=1) if is_done else UploadCounts(),
        read_bytes=912 if is_done else 0,
        rows=41 if is_done else None,
        snapshot=_snapshot() if is_done else None,
        replies=(),
        error_code=None,
        error=None,
        callback_state=CallbackState.PENDING,
        callback_tries=0,
        received_at=EXAMPLE_TIME,
        started_at=EXAMPLE_TIME if is_done else None,
        finished_at=EXAMPLE_TIME if is_done else None,
        **facts,
    )
