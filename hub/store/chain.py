"""The chain of digests over the ledger of a position, by which tampering is found.

Each batch adds one link: the SHA-256 of the link before it and of its own entries. The last entry
of the batch keeps it, and the position the newest. Whoever changes, removes or inserts an entry
would have to rewrite every later link.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import orjson

from hub.domain.decide import Outcome
from hub.domain.movements import Movement
from hub.domain.position import PositionKey


def link(before: bytes | None, entries: Sequence[Sequence[object]], recorded_at: datetime) -> bytes:
    """The link of `entries`, which one batch wrote at `recorded_at`, behind the link `before`. Each
    is a movement, or a tuple of what one consists of."""
    text = orjson.dumps([recorded_at, entries], default=tuple)
    return hashlib.sha256((before or b"") + text).digest()


def links_of(outcome: Outcome, recorded_at: datetime) -> dict[PositionKey, bytes]:
    """The newest link of the chain of each position that a batch touches."""
    entries: dict[PositionKey, list[Movement]] = {}
    for movement in outcome.movements:
        entries.setdefault((movement.sku, movement.location), []).append(movement)
    return {
        position.key: link(position.chain, entries[position.key], recorded_at)
        for position, _ in outcome.positions
    }
