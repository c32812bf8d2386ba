"""Ids are UUIDs of version 7: unique, and in the order they were made."""

import os
import time
import uuid

import pytest

from hub.services.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    for text in (uuid7() for _ in range(1_000)):
        id = uuid.UUID(text)
        assert (id.version, id.variant) == (7, uuid.RFC_4122)
        assert str(id) == text


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for nanoseconds in (0, 10**6, 1_700_000_000 * 10**9, 1_700_000_000_001 * 10**6, 2**47 * 10**6):
        monkeypatch.setattr(time, "time_ns", lambda told=nanoseconds: told)
        made.append(uuid7())
        assert uuid.UUID(made[-1]).int >> 80 == nanoseconds // 10**6
    assert sorted(made) == made


def test_the_time_in_an_id_is_now() -> None:
    assert abs((uuid.UUID(uuid7()).int >> 80) - time.time() * 1000) < 5_000


def test_ids_of_the_same_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000 * 10**9)
    assert len({uuid7() for _ in range(1_000)}) == 1_000


def test_a_forked_process_makes_ids_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000 * 10**9)
    uuid7()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, "".join(uuid7() for _ in range(100)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    text = os.read(read, 100 * 36).decode()
    theirs = {text[start : start + 36] for start in range(0, len(text), 36)}
    assert len(theirs) == 100
    assert theirs.isdisjoint({uuid7() for _ in range(400)})
