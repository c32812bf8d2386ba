"""Messages of shops and databases become what their samples say, and nothing else."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from hub.domain.errors import InvalidInput
from hub.domain.events import command_from, event_from
from tests.unit.builders import ORIGIN
from tests.unit.workers.formats.api_samples import (
    FORMATS,
    GOLDEN,
    RECEIVED_AT,
    changes,
    codes,
    plain,
    read,
    sample_at,
    sample_paths,
)
from workers.formats.json_documents import MAX_DOCUMENT_BYTES
from workers.formats.reading import Envelope, Finding

SHOPIFY = FORMATS["shopify"]
ENVELOPE = Envelope(RECEIVED_AT)


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", sample_paths(), ids=name_of)
def test_a_sample_is_read_into_what_it_says(path: Path) -> None:
    sample = sample_at(path)
    readings = read(sample.format, sample.content, sample.options, sample.headers)
    assert [plain(one) for one in readings] == sample.readings
    assert readings, "whatever comes, something is said of it"


@pytest.mark.parametrize("path", sample_paths(), ids=name_of)
def test_the_changes_of_a_sample_are_events_that_the_hub_takes(path: Path) -> None:
    sample = sample_at(path)
    for change in changes(read(sample.format, sample.content, sample.options, sample.headers)):
        raw = {"specversion": "1.0", "id": change.id or "1", "type": change.type}
        event = event_from({**raw, "data": orjson.loads(orjson.dumps(change.data))})
        command_from(event, ORIGIN, lambda: "new")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_samples(name: str) -> None:
    assert sum(path.parent.name == name for path in sample_paths()) >= 3


@pytest.mark.parametrize("path", sample_paths(), ids=name_of)
def test_a_message_that_comes_again_has_the_ids_it_had(path: Path) -> None:
    sample = sample_at(path)
    again = {**sample.headers, "x-shopify-webhook-id": "w-2"}
    first = changes(read(sample.format, sample.content, sample.options, sample.headers))
    assert changes(read(sample.format, sample.content, sample.options, again)) == first
    ids = [change.id for change in first if change.id is not None]
    assert len(set(ids)) == len(ids), "two changes of a message are two events"


def test_a_fulfilment_is_the_same_event_by_itself_and_in_its_order() -> None:
    told = {}
    for stem in ("fulfillment_success", "refund", "order_updated_tells_all_that_happened"):
        sample = sample_at(GOLDEN / "shopify" / f"{stem}.json")
        read_now = changes(read(sample.format, sample.content, sample.options, sample.headers))
        told[stem] = {change.id: change for change in read_now}
    in_order = told.pop("order_updated_tells_all_that_happened")
    for alone in told.values():
        for id, change in alone.items():
            assert in_order[id] == change


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("shopify", {"topics": "orders/create"}, "topics"),
        ("shopify", {"topic": 7}, "topic"),
        ("shopify", {"line_item": "title"}, "line_item"),
        ("shopify", {"supply_from": "orders"}, "supply_from"),
        ("amazon_sp_api", {"location": ""}, "location"),
        ("amazon_sp_api", {"marketplace": "DE"}, "marketplace"),
        ("commercetools", {"quantity": "all"}, "quantity"),
        ("commercetools", {"snapshot": "yes"}, "snapshot"),
        ("magento", {"source": "eu-1"}, "source"),
        ("magento", {"snapshot": 1}, "snapshot"),
        ("cloudevents", {"type": "stock.set"}, "type"),
        ("debezium", {}, "tables"),
        ("debezium", {"tables": {}}, "tables"),
        ("debezium", {"tables": {"stock": "stock.set"}}, "tables.stock"),
        ("debezium", {"tables": {"stock": {}}}, "tables.stock.event"),
        ("debezium", {"tables": {"stock": {"event": "order.placed"}}}, "tables.stock.event"),
        ("debezium", {"tables": {"stock": {"event": "stock.set"}}}, "tables.stock.columns"),
        (
            "maxwell",
            {"tables": {"stock": {"event": "stock.set", "columns": []}}},
            "tables.stock.columns",
        ),
        (
            "maxwell",
            {"tables": {"stock": {"event": "stock.set", "columns": {"item": "id"}}}},
            "tables.stock.columns.item",
        ),
        (
            "maxwell",
            {"tables": {"stock": {"event": "stock.set", "values": {"location": 3}}}},
            "tables.stock.values.location",
        ),
    ],
)
def test_an_option_that_is_none_is_refused(
    name: str, options: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        FORMATS[name].check(options)
    assert refused.value.data["field"] == field


@pytest.mark.parametrize(
    "encoding", ["hours", 3, None, {"scale": -1}, {"scale": True}, {"scale": 2, "unit": "s"}]
)
def test_an_encoding_that_is_none_is_refused(encoding: object) -> None:
    columns = {"sku": "id", "location": "place", "onHand": "qty"}
    table = {"event": "stock.set", "columns": columns, "encodings": {"qty": encoding}}
    with pytest.raises(InvalidInput) as refused:
        FORMATS["debezium"].check({"tables": {"stock": table}})
    assert refused.value.data["field"] == "tables.stock.encodings.qty"


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"magento"}))
@pytest.mark.parametrize(
    "content", [b"no json", b'{"a": NaN}', b"\xff\xfe{}", b'{"a": 1', b"[" * 200_000]
)
def test_what_is_no_json_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        list(FORMATS[name].read(io.BytesIO(content), {"topic": "orders/create"}, ENVELOPE))
    assert refused.value.data["field"] == "body"


def test_a_key_that_stands_twice_is_not_read_by_its_last_value() -> None:
    level = b'{"inventory_item_id": 1, "location_id": 2, "available": 30, "available": 3}'
    topic = {"topic": "inventory_levels/update"}
    with pytest.raises(InvalidInput, match="available"):
        read(SHOPIFY, level, topic)
    assert codes(read(SHOPIFY, level + b"\n" + level, topic)) == ["BAD_JSON"] * 2


def test_a_line_that_is_no_json_leaves_the_others_be() -> None:
    good = b'{"inventory_item_id": 1, "location_id": 2, "available": 3}'
    for lines in ([good, b'{"broken": }', good], [b'{"broken": }', good, b"", good]):
        readings = read(SHOPIFY, b"\n".join(lines), {"topic": "inventory_levels/update"})
        assert codes(readings) == ["BAD_JSON"]
        assert [change.place.line for change in changes(readings)] == [
            number for number, line in enumerate(lines, 1) if line == good
        ]


def test_a_document_cut_off_is_refused_whole() -> None:
    content = (
        b'[\n{"inventory_item_id": 1, "location_id": 2, "available": 3},\n{"inventory_item_id"'
    )
    with pytest.raises(InvalidInput):
        read(SHOPIFY, content, {"topic": "inventory_levels/update"})


def test_a_document_without_end_is_refused_before_memory_is_full() -> None:
    class Endless:
        read_in_all = 0

        def readline(self, size: int) -> bytes:
            return self.read(size)

        def read(self, size: int) -> bytes:
            self.read_in_all += size
            assert self.read_in_all <= 3 * MAX_DOCUMENT_BYTES
            return b" " * size

    with pytest.raises(InvalidInput, match="16 MiB"):
        list(SHOPIFY.read(Endless(), {}, ENVELOPE))  # type: ignore[arg-type]


def test_webhooks_need_a_topic() -> None:
    assert codes(read(SHOPIFY, b"{}")) == ["INVALID_VALUE"]
    with pytest.raises(InvalidInput):
        read(SHOPIFY, b"")


@pytest.mark.parametrize("name", ["structured", "batched"])
def test_samples_of_cloudevents_fit_their_schema(name: str, real_data: Path) -> None:
    schema = orjson.loads((real_data / "cloudevents" / "cloudevents.schema.json").read_bytes())
    sample = sample_at(GOLDEN / "cloudevents" / f"{name}.json")
    told = orjson.loads(sample.content)
    for event in told if isinstance(told, list) else [told]:
        assert jsonschema_rs.is_valid(schema, event)


def test_a_number_is_what_stands_there_to_its_last_digit() -> None:
    topic = {"topic": "inventory_levels/update"}
    level = b'{"inventory_item_id": 9007199254740993, "location_id": 2, "available": %s}'
    (count,) = changes(read(SHOPIFY, level % b"2.500", topic))
    assert (count.data["sku"], count.data["onHand"]) == ("9007199254740993", "2.5")
    # As a float it would be 3.
    assert codes(read(SHOPIFY, level % b"3.00000000000000000001", topic)) == ["INVALID_VALUE"]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("microseconds", 1_935_446_400_000), ("milliseconds", 0), ("utc", "9999-12-31 00:00:00")],
)
def test_a_time_in_another_unit_and_no_date_at_all_are_not_taken_for_one(
    encoding: str, told: object
) -> None:
    columns = {"sku": "item", "location": "place", "onHand": "qty", "asOf": "at"}
    table = {"event": "stock.set", "columns": columns, "encodings": {"at": encoding}}
    row = {"item": "A", "place": "B", "qty": 1, "at": told}
    source = {"table": "stock", "name": "erp", "lsn": 1}
    event = orjson.dumps({"op": "c", "source": source, "before": None, "after": row})
    (refused,) = read(FORMATS["debezium"], event, {"tables": {"stock": table}})
    assert isinstance(refused, Finding)
    assert (refused.code, refused.place.column) == ("INVALID_VALUE", "at")
