"""When a source is asked again."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.fetching import Fetch
from hub.domain.polling import PollState, next_interval, retry_after_of, with_jitter
from hub.domain.source_fetching import fetch_from
from hub.domain.sources import source_from

HTTP = {"kind": "http", "url": "https://acme.example/stock", "every": "16m"}
SFTP = {
    "kind": "sftp",
    "url": "sftp://acme.example/out",
    "every": "1h",
    "username": "hub",
    "password": "SOURCE_ACME",
    "host_keys": ["SHA256:" + "A" * 43],
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fetch(**more: object) -> Fetch:
    read = fetch_from(HTTP | more)
    assert read is not None
    return read


def minutes(of: Fetch, *changed: bool) -> float:
    return next_interval(of, changed) / timedelta(minutes=1)


def test_who_moves_fast_is_asked_more_often_within_bounds() -> None:
    adaptive = fetch(at_least="2m", at_most="25m")
    assert minutes(adaptive) == 16
    assert minutes(adaptive, True) == 8
    assert minutes(adaptive, *[True] * 9) == 2
    assert minutes(adaptive, False) == 20
    assert minutes(adaptive, *[False] * 9) == 25
    assert minutes(adaptive, *[True] * 9, False) == 2.5
    # Where nothing is said of bounds, it is asked as often as it says.
    assert minutes(fetch(), True, True, False) == 16


def test_about_every_fourth_answer_with_something_new_keeps_the_interval() -> None:
    adaptive = fetch(at_least="5s", at_most="2d")
    assert 8 < minutes(adaptive, *[False, False, False, True] * 5) < 32


def test_jitter_is_a_share_of_the_interval() -> None:
    hour = timedelta(hours=1)
    assert with_jitter(hour, 0.1, 0) == timedelta(minutes=54)
    assert with_jitter(hour, 0.1, 1) == timedelta(minutes=66)
    assert with_jitter(hour, 0, 0.3) == hour


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 12:01:00 -0000", 60),
        ("Sun, 22 Nov 2020 12:01:00 GMT", 0),
        ("9" * 30, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("soon", None),
        (f"Sun, 22 Nov {'9' * 30} 12:01:00 GMT", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_when_to_come_again_is_told_in_seconds_or_as_a_date(
    told: str | None, seconds: float | None
) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after_of(told, NOW) == expected


def test_asked_elsewhere_or_by_other_settings_the_same_may_say_more() -> None:
    known = PollState("k", "http a", 1, "d", True, etag="e", cursor="c", mark=1.0, changed=(True,))
    assert known.asking("http a", 1) is known
    assert known.asking("http a", 2) == known._replace(version=2, whole=False, etag=None)
    assert known.asking("http b", 2) == PollState("k", "http b", 2, "d", changed=(True,))


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("fetch.kind", HTTP | {"kind": "gopher"}),
        ("fetch.kind", {"url": "https://acme.example"}),
        ("fetch.url", HTTP | {"url": "file:///etc/passwd"}),
        ("fetch.url", HTTP | {"url": "https://hub:secret@acme.example/"}),
        ("fetch.url", HTTP | {"url": "https:///stock"}),
        ("fetch.url", HTTP | {"url": "https://acme.example/st ock"}),
        ("fetch.url", HTTP | {"url": "https://acme.example:99999/"}),
        ("fetch.url", HTTP | {"url": None}),
        ("fetch.every", HTTP | {"every": 5}),
        ("fetch.every", HTTP | {"every": "1s"}),
        ("fetch.at_least", HTTP | {"at_least": "1h"}),
        ("fetch.at_most", HTTP | {"at_most": "1m"}),
        ("fetch.jitter", HTTP | {"jitter": 0.9}),
        ("fetch.max_bytes", HTTP | {"max_bytes": 0}),
        ("fetch.headers.Host", HTTP | {"headers": {"Host": "SOURCE_X"}}),
        ("fetch.headers.X-Key", HTTP | {"headers": {"X-Key": "s3cret"}}),
        ("fetch.bearer", HTTP | {"bearer": "DATABASE_URL"}),
        ("fetch.username", HTTP | {"password": "SOURCE_X"}),
        ("fetch.pages.at", HTTP | {"pages": {"next": "json"}}),
        ("fetch.pages.parameter", HTTP | {"pages": {"next": "cursor", "at": "next"}}),
        ("fetch.pages.parameter", HTTP | {"pages": {"next": "link", "parameter": "p"}}),
        ("fetch.graphql", HTTP | {"graphql": {"document": "{ stock }"}}),
        ("fetch.graphql.document", HTTP | {"kind": "graphql"}),
        ("fetch.files", HTTP | {"files": "*.csv"}),
        ("fetch.host_keys", SFTP | {"host_keys": []}),
        ("fetch.host_keys", SFTP | {"host_keys": ["AAAA"]}),
        ("fetch.password", SFTP | {"password": None}),
        ("fetch.files", SFTP | {"files": "../*"}),
        ("fetch.url", SFTP | {"url": "sftp://acme.example/out%0d%0aDELE%20a"}),
        ("fetch.settle", SFTP | {"settle": "1d"}),
        ("fetch.folder", {"kind": "folder", "every": "1m", "folder": "../etc"}),
        ("fetch.folder", {"kind": "folder", "every": "1m", "folder": "/etc"}),
        ("fetch.url", {"kind": "folder", "every": "1m", "folder": "a", "url": "file:///etc"}),
    ],
)
def test_what_is_wrong_is_named_by_its_path_and_no_secret_is_repeated(
    key: str, given: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        fetch_from(given)
    assert refused.value.data["field"] == key
    assert "s3cret" not in refused.value.message


def test_a_source_keeps_how_it_is_asked_as_it_was_written() -> None:
    plain = {"name": "acme", "format": "csv", "fetch": SFTP | {"settle": "0s"}}
    source = source_from(plain)
    assert source.as_plain() == plain
    assert source_from(source.as_plain()) == source
    assert source_from({"name": "acme", "format": "csv"}).as_plain().keys() == {"name", "format"}
