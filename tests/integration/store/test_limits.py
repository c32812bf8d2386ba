"""Limits of what the database is asked, as they hold in a process that has migrated it before."""

import pytest

from hub.bootstrap import Services
from hub.store.database import ReadConnection


@pytest.mark.parametrize("own", [False, True], ids=["of the pool", "of who reads again and again"])
async def test_a_statement_and_a_lock_take_only_so_long(services: Services, own: bool) -> None:
    reader = ReadConnection(services.database.url) if own else services.database
    limits = {}
    for name in ("statement_timeout", "lock_timeout"):
        (row,) = await reader.records(f"select current_setting('{name}')")
        limits[name] = row[0]
    if isinstance(reader, ReadConnection):
        reader.close()
    assert limits == {"statement_timeout": "3s", "lock_timeout": "1s"}
