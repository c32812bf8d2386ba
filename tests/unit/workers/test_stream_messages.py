"""What the messages of streams hold, whoever has written them."""

import orjson
import pytest
from faststream.redis.parser import BinaryMessageFormatV1

from hub.domain.source_streams import SourceStream, StreamBroker
from workers.streams.brokers import check_address, without_password
from workers.streams.messages import StreamWrong, headers_from
from workers.streams.redis_streams import Entry, message_from

EVENT = b'{"type":"stock.set"}'


def stream(body: str | None = None) -> SourceStream:
    """A stream of Redis."""
    return SourceStream(broker=StreamBroker.REDIS, address="URL", name="acme", body=body)


@pytest.mark.parametrize(
    ("named", "entry"),
    [
        (None, {b"whatever": EVENT}),
        (None, {b"id": b"1", b"event": EVENT}),
        (None, {b"payload": EVENT, b"type": b"x"}),
        ("stock", {b"event": b"another", b"stock": EVENT}),
        ("missing", {b"data": EVENT, b"key": b"A-1"}),
    ],
)
def test_the_body_of_an_entry_is_found(named: str | None, entry: Entry) -> None:
    message = message_from(stream(named), "1-0", entry)
    assert (message.id, message.body) == ("acme/1-0", EVENT)


def test_an_entry_without_a_body_is_an_object_of_its_fields() -> None:
    message = message_from(stream(), "1-0", {b"sku": b"A-1", b"qty": b"5"})
    assert orjson.loads(message.body) == {"sku": "A-1", "qty": "5"}


async def test_an_envelope_of_faststream_is_opened() -> None:
    envelope = await BinaryMessageFormatV1.encode(
        message=EVENT, reply_to=None, headers={"ce_id": "7"}, correlation_id="c"
    )
    message = message_from(stream(), "1-0", {b"__data__": envelope})
    assert (message.body, message.headers["ce-id"]) == (EVENT, "7")


def test_an_envelope_whose_headers_are_none_is_opened_too() -> None:
    envelope = orjson.dumps({"data": EVENT.decode(), "headers": ["x"]})
    message = message_from(stream(), "1-0", {b"__data__": envelope})
    assert (message.body, message.headers) == (EVENT, {})


def test_headers_are_named_as_those_of_http_are() -> None:
    raw = {"ce_id": b"1", "cloudEvents:type": "t", "Content-Type": "text/csv", "n": 5, "x": "\0"}
    assert headers_from(raw) == {"ce-id": "1", "ce-type": "t", "content-type": "text/csv"}


@pytest.mark.parametrize("url", [None, "", "amqp://host/", "redis:///0", "redis://[/"])
def test_an_address_of_another_broker_is_refused(url: str | None) -> None:
    with pytest.raises(StreamWrong, match="URL"):
        check_address(stream(), url)


def test_what_is_told_of_an_error_holds_no_password() -> None:
    url = "redis://me:secret@host:6379/0"
    assert check_address(stream(), url) == url
    assert without_password(f"ConnectionError: {url}", url) == (
        "ConnectionError: redis://…@host:6379/0"
    )
    assert without_password("no route to amqp://me:p!@host", "amqp://me:p%21@host") == (
        "no route to amqp://…@host"
    )
