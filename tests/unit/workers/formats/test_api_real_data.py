"""Every real message of shops and databases is read, and comes to the figures that are in it."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.workers.formats.api_samples import FORMATS, changes, codes, read
from workers.formats.reading import Finding, Severity

TABLES = {
    "tables": {
        "inventory.products": {
            "event": "stock.set",
            "columns": {"sku": "id", "onHand": "weight"},
            "values": {"location": "main"},
        }
    }
}
NO_ITEM = ["NO_ITEM", "NO_ITEM"]
SHOPIFY: dict[str, tuple[list[str], list[str]]] = {
    "fulfillment_orders/cancelled": ([], ["NO_STOCK"]),
    "fulfillments/create": ([], ["NOT_SHIPPED_YET", "ROUNDED_ID"]),
    "fulfillments/update": ([], ["NOT_SHIPPED_YET", "ROUNDED_ID"]),
    "inventory_items/create": ([], ["NO_STOCK"]),
    "inventory_items/delete": ([], ["NO_STOCK"]),
    "inventory_items/update": ([], ["NO_STOCK"]),
    "inventory_levels/connect": (["stock.set"], []),
    "inventory_levels/disconnect": (["stock.set"], ["ROUNDED_ID"]),
    "inventory_levels/update": (["stock.set"], []),
    "inventory_shipments/create": ([], NO_ITEM),
    "inventory_shipments/receive_items": ([], NO_ITEM),
    "inventory_transfers/ready_to_ship": ([], ["NO_STOCK"]),
    "locations/create": ([], ["NO_STOCK"]),
    "locations/deactivate": ([], ["NO_STOCK"]),
    "orders/cancelled": (["order.placed", "order.cancelled"], []),
    "orders/create": (["order.placed", "order.cancelled"], []),
    "orders/delete": (["order.cancelled"], ["ROUNDED_ID"]),
    "orders/edited": ([], ["NO_STOCK"]),
    "orders/fulfilled": (["order.placed", "order.cancelled"], []),
    "orders/updated": (["order.placed", "order.cancelled"], []),
    "products/delete": ([], ["NO_STOCK"]),
    "products/update": ([], ["NO_STOCK"]),
    "refunds/create": ([], ["NOT_RESTOCKED"] * 5 + ["ROUNDED_ID"]),
    "returns/approve": ([], ["NO_STOCK"]),
    "returns/request": ([], ["NO_STOCK"]),
}
"""What is in the sample of each topic. All samples of orders are of one that is cancelled."""


def webhooks(real_data: Path) -> dict[str, Path]:
    """The samples of Shopify, by topic."""
    folder = real_data / "webhooks" / "shopify"
    return {path.name.split(".")[0].replace("__", "/"): path for path in folder.iterdir()}


def test_every_topic_of_shopify_has_a_sample_and_an_expectation(real_data: Path) -> None:
    assert webhooks(real_data).keys() == SHOPIFY.keys()


@pytest.mark.parametrize("topic", SHOPIFY)
def test_a_webhook_of_shopify(topic: str, real_data: Path) -> None:
    content = webhooks(real_data)[topic].read_bytes()
    headers = {"x-shopify-topic": topic, "x-shopify-event-id": "e-1"}
    readings = read(FORMATS["shopify"], content, headers=headers)
    types, findings = SHOPIFY[topic]
    assert [change.type for change in changes(readings)] == types
    assert codes(readings) == findings


def test_the_exact_ids_of_shopify_are_those_of_its_global_ids(real_data: Path) -> None:
    """Its samples went through a program that rounds: 820982911946154508 stands there as …500."""
    paths = webhooks(real_data)
    level, order = (
        changes(read(FORMATS["shopify"], paths[topic].read_bytes(), {"topic": topic}))
        for topic in ("inventory_levels/update", "orders/create")
    )
    assert level[0].data["sku"] == "271878346596884015"
    assert (level[0].data["location"], level[0].data["onHand"]) == ("24826418", 10)
    assert order[0].data["order"] == "820982911946154508"
    assert order[0].data["channel"] == "web"
    assert [line["quantity"] for line in order[0].data["lines"]] == [1] * 5
    assert order[0].data["lines"][0]["sku"] == "SKU2006-001"


def amazon(real_data: Path, name: str) -> Any:
    return json.loads((real_data / "supplier_api" / "amazon_sp_api" / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "counts", "findings"),
    [
        ("ItemInventoryEventChangeNotification", {"B00032HE0O": 650, "B00094A20U": 519}, []),
        ("ListingsItemMfnQuantityChange", {"NLS-SHOES-03": 99}, []),
        ("ListingsItemStatusChangeNotification", {}, ["NO_STOCK"]),
    ],
)
def test_counts_in_notifications_of_amazon(
    name: str, counts: dict[str, int], findings: list[str], real_data: Path
) -> None:
    folder = real_data / "supplier_api" / "amazon_sp_api"
    readings = read(FORMATS["amazon_sp_api"], (folder / f"{name}.example1.json").read_bytes())
    found = changes(readings)
    assert {change.data["sku"]: change.data["onHand"] for change in found} == counts
    assert codes(readings) == findings


def test_orders_in_notifications_of_amazon(real_data: Path) -> None:
    folder = real_data / "supplier_api" / "amazon_sp_api"
    format = FORMATS["amazon_sp_api"]
    order = read(format, (folder / "OrderChangeNotification.example1.json").read_bytes())
    (placed,) = changes(order)
    assert placed.data["order"] == "903-8868176-2219830"
    assert placed.data["lines"] == [{"sku": "SellerSKUID1", "quantity": 10}]
    assert codes(order) == ["CANCEL_REQUESTED"]
    sent = read(format, (folder / "FulfillmentOrderStatusNotification.example1.json").read_bytes())
    (returned,) = changes(sent)
    assert returned.type == "order.returned"
    assert returned.data["lines"] == [{"sku": "SELLERSKU9345", "quantity": 12}]


def test_the_listing_feed_of_amazon(real_data: Path) -> None:
    feed = amazon(real_data, "listings-feed-schema-v2.example.json")
    readings = read(FORMATS["amazon_sp_api"], json.dumps(feed).encode())
    told = [
        (one.data["sku"], one.data["location"], one.data["onHand"]) for one in changes(readings)
    ]
    assert told == [
        ("My-SKU-B", "DEFAULT", 10),
        ("My-SKU-C", "AMAZON_NA", 10),
        ("My-SKU-D", "DEFAULT", 10),
        ("My-SKU-E", "DEFAULT", 10),
    ]
    assert codes(readings) == ["NO_STOCK"]


def test_a_message_made_by_the_schema_of_fba_availability(real_data: Path) -> None:
    """There is no example of it but those of its single fields."""
    message = example_of(amazon(real_data, "FBAInventoryAvailabilityChangeNotification.json"))
    message["NotificationType"] = "FBA_INVENTORY_AVAILABILITY_CHANGES"
    readings = read(FORMATS["amazon_sp_api"], json.dumps(message).encode())
    (count,) = changes(readings)
    assert codes(readings) == []
    assert (count.data["sku"], count.data["location"], count.data["onHand"]) == (
        "SELLERSKU-1",
        "ATVPDKIKX0DER",
        0,
    )


def example_of(told: Any) -> Any:
    """A value that a JSON schema describes, of the examples it gives."""
    if told.get("properties"):
        return {name: example_of(one) for name, one in told["properties"].items()}
    if isinstance(told.get("items"), dict) and told["items"].get("properties"):
        return [example_of(told["items"])]
    return (told.get("examples") or [None])[0]


def test_the_inventory_apis_of_amazon(real_data: Path) -> None:
    outside = amazon(real_data, "externalFulfillmentInventory_2024-09-11.json")
    (post,) = (path["post"] for path in outside["paths"].values())
    answer = post["responses"]["207"]["examples"]["application/json"]
    readings = read(FORMATS["amazon_sp_api"], json.dumps(answer).encode())
    (count,) = changes(readings)
    # 20 that can be sold and 5 that wait to be sent.
    assert (count.data["sku"], count.data["onHand"]) == ("efptestsku1", 25)
    assert codes(readings) == ["REFUSED"]
    vendor = amazon(real_data, "vendorDirectFulfillmentInventoryV1.json")
    (post,) = (path["post"] for path in vendor["paths"].values())
    static = post["responses"]["202"]["x-amzn-api-sandbox"]["static"]
    body = static[0]["request"]["parameters"]["body"]["value"]
    readings = read(FORMATS["amazon_sp_api"], json.dumps(body).encode(), {"location": "warehouse"})
    assert [one.data["onHand"] for one in changes(readings)] == [10, 15, 20]
    assert not any(one.snapshot for one in changes(readings))


@pytest.mark.parametrize(
    ("folder", "name", "options"),
    [
        ("supplier_api/amazon_sp_api", "amazon_sp_api", {}),
        ("supplier_api/commercetools", "commercetools", {"location": "main"}),
    ],
)
def test_every_json_file_of_a_folder_is_read(
    folder: str, name: str, options: dict[str, str], real_data: Path
) -> None:
    """Schemas and requests among them, of which it is said that they carry no stock."""
    total: Counter[str] = Counter()
    for path in sorted((real_data / folder).glob("*.json")):
        readings = read(FORMATS[name], path.read_bytes(), options)
        assert readings
        total.update(codes(readings))
        total["changes"] += len(changes(readings))
        total["files"] += 1
    wanted = {
        "amazon_sp_api": {"files": 16, "changes": 9, "NO_STOCK": 13, "CANCEL_REQUESTED": 1},
        "commercetools": {"files": 18, "changes": 3, "NO_STOCK": 15},
    }
    assert dict(total) == wanted[name]


def test_inventory_of_commercetools(real_data: Path) -> None:
    folder = real_data / "supplier_api" / "commercetools"
    options = {"location": "main", "snapshot": True}
    page = changes(
        read(FORMATS["commercetools"], (folder / "inventories.example.json").read_bytes(), options)
    )
    entry = changes(
        read(FORMATS["commercetools"], (folder / "inventory.example.json").read_bytes(), options)
    )
    assert [one.data["onHand"] for one in page + entry] == [4, 4]
    assert page[0].id == entry[0].id == "aea4caed-accf-4667-adfe-be08ba6fdf91:1"
    assert [one.snapshot for one in page + entry] == [True, False]


MAGENTO = {
    "configurable_product_import.csv": (0, "0", ["NO_STOCK"]),
    "export_empty.csv": (0, "0", ["NO_STOCK"]),
    "export_filtered_by_sku.csv": (4, "28.5", []),
    "export_filtered_by_source.csv": (7, "40.5", []),
    "export_filtered_without_status_column.csv": (3, "18.5", []),
    "export_full.csv": (6, "39.5", []),
    "product_import.csv": (1, "100", []),
    "product_import_SKU-1.csv": (1, "0", []),
    "product_import_updated_qty.csv": (1, "150", []),
    "sample_stock_sources.csv": (4, "45.65", []),
    "stock_sources.csv": (4, "59.88", []),
}
"""Rows, the units in them, and what is found."""


@pytest.mark.parametrize("name", MAGENTO)
def test_a_file_of_magento(name: str, real_data: Path) -> None:
    folder = real_data / "supplier_api" / "magento"
    assert {path.name for path in folder.iterdir()} == MAGENTO.keys()
    readings = read(FORMATS["magento"], (folder / name).read_bytes())
    found = changes(readings)
    units = sum(Decimal(one.data["onHand"]) for one in found)
    assert (len(found), str(units), codes(readings)) == MAGENTO[name]


def test_what_magento_calls_out_of_stock_is_there_and_not_for_sale(real_data: Path) -> None:
    content = (real_data / "supplier_api" / "magento" / "export_full.csv").read_bytes()
    told = {
        (one.data["sku"], one.data["location"]): (one.data["onHand"], one.data["unavailable"])
        for one in changes(read(FORMATS["magento"], content))
    }
    assert told["SKU-1", "eu-3"] == (10, 10)
    assert told["SKU-1", "eu-1"] == ("5.5", 0)


def test_changes_of_postgresql_by_debezium(real_data: Path) -> None:
    content = (real_data / "cdc" / "debezium-postgres-products.jsonl").read_bytes()
    readings = read(FORMATS["debezium"], content, TABLES)
    found = changes(readings)
    assert codes(readings) == []
    assert len(found) == 16
    assert len({change.id for change in found}) == 16
    last = {change.data["sku"]: change.data["onHand"] for change in found}
    assert (last["107"], last["110"], last["111"]) == ("5.1", "0.5", 0)
    assert found[-1].data["reason"] == "row deleted"
    times = [change.time for change in found if change.time]
    assert times == sorted(times)


def test_changes_of_a_table_that_is_not_mapped_are_told(real_data: Path) -> None:
    content = (real_data / "cdc" / "debezium-postgres-products.jsonl").read_bytes()
    tables = {"tables": {"inventory.stock": TABLES["tables"]["inventory.products"]}}
    readings = read(FORMATS["debezium"], content, tables)
    assert codes(readings) == ["NO_STOCK"] * 16
    assert all(isinstance(one, Finding) and one.severity is Severity.WARNING for one in readings)


def test_changes_that_come_backwards_end_the_same(real_data: Path) -> None:
    content = (real_data / "cdc" / "debezium-postgres-products.jsonl").read_bytes()
    backwards = b"\n".join(reversed(content.splitlines()))
    found = changes(read(FORMATS["debezium"], backwards, TABLES))
    # Each of the 11 items once, by its newest row; older ones are left out.
    assert {change.data["sku"]: change.data["onHand"] for change in found}["111"] == 0
    assert len(found) == 11
