"""How many live holds one may have, against the hoarding of stock."""

from collections.abc import Iterable
from typing import NamedTuple

from hub.domain.commands import Command, Reserve
from hub.domain.ledger import Facts
from hub.store.ledger_connection import LedgerConnection


class HoldLimits(NamedTuple):
    """Live holds of one holder and of one address; None: as many as he likes."""

    per_holder: int | None = None
    per_address: int | None = None

    async def facts(
        self, connection: LedgerConnection, commands: Iterable[Command], *, locked: bool
    ) -> Facts:
        """How many live holds those have whom a limit may keep from another. `locked`: nobody
        else can add to them before the transaction ends, which must have its positions locked."""
        holders: set[str] = set()
        addresses: set[str] = set()
        for command in commands:
            if isinstance(command, Reserve):
                if command.holder is not None and self.per_holder is not None:
                    holders.add(command.holder)
                if command.address is not None and self.per_address is not None:
                    addresses.add(command.address)
        if not holders and not addresses:
            return Facts()
        if locked:
            await connection.lock_holders(holders, addresses)
        of_holder, of_address = await connection.live_holds(holders, addresses)
        return Facts(
            holds_of_holder=of_holder,
            holds_of_address=of_address,
            max_holds_per_holder=self.per_holder,
            max_holds_per_address=self.per_address,
        )
