"""What tests of the ledger watch."""

from typing import Any

import pytest

from hub.store.ledger_connection import LedgerConnection


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows by one with each batch that is written under locks."""
    taken: list[Any] = []
    lock = LedgerConnection.lock

    async def noted(connection: LedgerConnection, keys: Any) -> Any:
        taken.append(keys)
        return await lock(connection, keys)

    monkeypatch.setattr(LedgerConnection, "lock", noted)
    return taken
