"""Streams of sources as people configure them."""

from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.source_streams import SourceStream, StreamBroker
from hub.domain.sources import source_from

REDIS = {"broker": "redis", "address": "ACME_STREAM_URL", "name": "acme:stock"}


def plain(**stream: Any) -> dict[str, Any]:
    """A source with a stream."""
    return {"name": "acme", "format": "cloudevents", "stream": {**REDIS, **stream}}


def test_a_stream_is_understood_and_written_again_as_it_was() -> None:
    written = plain(group="stock", body="event", claim_seconds=5)
    source = source_from(written)
    assert source.stream == SourceStream(
        broker=StreamBroker.REDIS,
        address="ACME_STREAM_URL",
        name="acme:stock",
        group="stock",
        body="event",
        claim_seconds=5,
    )
    assert source.as_plain() == written
    assert source_from(plain()).as_plain() == plain()
    assert source_from({"name": "acme", "format": "csv"}).stream is None


@pytest.mark.parametrize(
    ("stream", "field"),
    [
        ({"broker": "mqtt"}, "stream.broker"),
        ({"broker": None}, "stream.broker"),
        ({"address": "redis://:secret@host"}, "stream.address"),
        ({"address": None}, "stream.address"),
        ({"name": None}, "stream.name"),
        ({"name": "a b"}, "stream.name"),
        ({"name": "a" * 121}, "stream.name"),
        ({"group": "a.b"}, "stream.group"),
        ({"broker": "rabbitmq", "group": "stock"}, "stream.group"),
        ({"broker": "kafka", "body": "event"}, "stream.body"),
        ({"broker": "kafka", "claim_seconds": 5}, "stream.claim_seconds"),
        ({"claim_seconds": 0}, "stream.claim_seconds"),
        ({"claim_seconds": 1.5}, "stream.claim_seconds"),
        ({"claim_seconds": True}, "stream.claim_seconds"),
        ({"topic": "acme"}, "stream.topic"),
    ],
)
def test_what_is_wrong_is_refused_by_its_path(stream: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        source_from(plain(**stream))
    assert refused.value.data["field"] == field
    assert "secret" not in str(refused.value)
