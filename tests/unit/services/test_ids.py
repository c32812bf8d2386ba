"""Ids are UUIDs of version 7: unique, and in the order they were made."""

import time
import uuid

import pytest

from hub.services.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    for id in (uuid7() for _ in range(100)):
        assert (id.version, id.variant) == (7, uuid.RFC_4122)
        assert uuid.UUID(str(id)) == id


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for nanoseconds in (0, 10**6, 1_700_000_000 * 10**9, 1_700_000_000_001 * 10**6, 2**47 * 10**6):
        monkeypatch.setattr(time, "time_ns", lambda told=nanoseconds: told)
        made.append(uuid7())
        assert made[-1].int >> 80 == nanoseconds // 10**6
    assert sorted(made, key=str) == made


def test_the_time_in_an_id_is_now() -> None:
    assert abs((uuid7().int >> 80) - time.time() * 1000) < 5_000


def test_ids_of_the_same_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000 * 10**9)
    assert len({uuid7() for _ in range(1_000)}) == 1_000
