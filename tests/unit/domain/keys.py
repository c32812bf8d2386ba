"""The table of idempotency keys, as `hub.services.writer_batch` fills and reads it."""

from hub.domain.commands import Command, Idempotency, Reserve
from hub.domain.decide import Result
from hub.domain.errors import IdempotencyMismatch
from hub.domain.reservations import Reservation
from hub.services.outcomes import first_answer, outcome_from, outcome_text
from tests.unit.domain.stockroom import Stockroom


class Keys:
    """What keys were answered: by a text, or by the beginning of the reservation they made."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}
        self._made: dict[bytes, tuple[str, str]] = {}
        self._hashes: dict[bytes, bytes] = {}

    def keep(self, command: Command, result: Result) -> None:
        """Note the answer to a command that has a key."""
        key = command.origin.idempotency
        if key is None:
            return
        self._hashes[key.digest] = key.request_hash
        if (
            isinstance(command, Reserve)
            and isinstance(result, Reservation)
            and all(line.held for line in result.lines)
        ):
            self._made[key.digest] = (result.id, command.stage.value)
        else:
            self._texts[key.digest] = outcome_text(result)

    def answer(self, key: Idempotency, room: Stockroom) -> Result:
        """What a key that was used before is answered."""
        if self._hashes[key.digest] != key.request_hash:
            return IdempotencyMismatch(key=key.key)
        if key.digest in self._texts:
            return outcome_from(self._texts[key.digest])
        id, stage = self._made[key.digest]
        return first_answer(room.reservations[id], stage)
