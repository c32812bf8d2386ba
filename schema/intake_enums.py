"""The enums of the API about what sources send and what becomes of it, told to GraphQL."""

from hub.domain.dead_letters import LetterState, LetterStep
from hub.domain.polling import PollOutcome
from hub.domain.snapshots import SnapshotState
from hub.domain.source_deliveries import SourceDeliveryState
from hub.domain.source_freshness import SourceState
from hub.domain.uploads import CallbackState, UploadRowStatus, UploadState
from schema.enums import declare

__all__ = [
    "CallbackState",
    "LetterState",
    "LetterStep",
    "PollOutcome",
    "SnapshotState",
    "SourceDeliveryState",
    "SourceState",
    "UploadRowStatus",
    "UploadState",
]

declare(
    SourceDeliveryState,
    "What became of a delivery of a source as a whole.",
    {
        "ACCEPTED": "What could be read is in the inbox or a snapshot; its report tells the rest.",
        "REFUSED": "Nothing of it is in the inbox. It is kept, and can be replayed.",
    },
)

declare(
    LetterState,
    "Where an event stands that was a dead letter once.",
    {
        "DEAD": "It could not be worked, and waits for a person.",
        "PENDING": "It was put back, and is to be worked.",
        "APPLIED": "It has taken effect.",
        "SUPERSEDED": "It was worked and changed nothing, as what is newer was known.",
        "DISCARDED": "Somebody has decided that it is never worked.",
    },
    name="DeadLetterState",
)

declare(
    LetterStep,
    "What happened to an event.",
    {
        "RETRIED": "It was tried and came too early, so it is tried again.",
        "HELD": "It had to wait behind another event of its key, so it was not tried.",
        "FAILED": "It was tried and became a dead letter.",
        "APPLIED": "It was tried and has taken effect.",
        "SUPERSEDED": "It was tried and changed nothing, as what is newer was known.",
        "REQUEUED": "Somebody put it back.",
        "EDITED": "Somebody gave it another payload.",
        "DISCARDED": "Somebody ended it.",
        "REPLAYED": "A replay of the inbox put it back.",
    },
    name="DeadLetterStep",
)

declare(
    SnapshotState,
    "How far a snapshot of a source has come.",
    {
        "STAGING": "Its rows are coming in; nothing of it is applied.",
        "QUARANTINED": "It looks wrong and waits for a person; nothing of it is applied.",
        "APPLYING": "It is being applied.",
        "APPLIED": "All of it is applied, but for rows that were refused.",
        "REJECTED": "A person does not believe it; nothing of it was applied.",
        "EXPIRED": "Nobody decided in time; sent again, it is judged again.",
        "LOST": "A crash of the database lost what was left to apply; sent again, it goes on.",
        "COMPARED": "It was compared with the hub; nothing of it is applied.",
    },
)

declare(
    SourceState,
    "How a source is doing. Of what is the matter with it, the worst counts.",
    {
        "WAITING": "Nothing was heard of it yet, and nothing is owed.",
        "FRESH": "It is heard as often as is expected of it, or nothing says how often that is.",
        "LATE": "It is silent for longer than is expected.",
        "FAILING": "What it sends or answers can not be used, or it does not answer: at least "
        "twice in a row.",
        "DOUBTFUL": "Its newest snapshot is in quarantine: what it told last was not believed.",
        "STALE": "It is silent for so long that what it told is believed no more.",
        "CIRCUIT_OPEN": "It has failed so often that it is asked seldom.",
    },
)

declare(
    UploadState,
    "How far an upload has come.",
    {
        "QUEUED": "All of it is here, and waits to be taken in.",
        "RUNNING": "It is being taken in.",
        "DONE": "Each row was taken in or refused; `snapshot` says what became of a snapshot.",
        "FAILED": "It can not be read; what came before that is in. Sent again, it is tried again.",
    },
)

declare(
    UploadRowStatus,
    "What became of a row of an upload.",
    {
        "PENDING": "It is in the inbox, and not yet worked.",
        "APPLIED": "It has taken effect.",
        "SUPERSEDED": "It changed nothing, as what is newer was known.",
        "DEAD": "It could not be worked, and is a dead letter.",
        "DISCARDED": "Somebody has decided that its dead letter is never worked.",
        "DUPLICATE": "It was known before, and has no second effect.",
        "REFUSED": "It was left out.",
        "WARNING": "Something that a person should know of a row, which was read all the same.",
    },
)

declare(
    CallbackState,
    "Whether who sent an upload was told of its end.",
    {
        "PENDING": "He is to be told, for the first time or once more.",
        "DELIVERED": "He has answered with a status of 200 to 299.",
        "FAILED": "He was tried as often as may be.",
    },
    name="UploadCallbackState",
)
declare(
    PollOutcome,
    "What became of asking a source.",
    {
        "TAKEN": "Something came, and is in the inbox or a snapshot.",
        "UNCHANGED": "There was nothing new.",
        "REFUSED": "What came could not be read, or a file of it.",
        "FAILED": "The other side did not answer as it should.",
        "PUT_OFF": "It was not asked: it wants to be left alone, or its circuit is open.",
    },
)
