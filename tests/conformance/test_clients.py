"""The clients that front ends are built with: each asks, reserves and watches over every transport
that it speaks."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.programs import CLIENTS, output_of, told_by
from tests.integration.graphql.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMA = Path(__file__).parents[2] / "schema" / "schema.graphql"
SKUS = ("MANY-00", "MANY-01", "MANY-02")


def story(sku: str) -> dict[str, Any]:
    """What a client is told: 5 there are, 2 are reserved while it watches, and released again."""
    return {
        "asked": [{"sku": sku, "quantity": 5}],
        "snapshot": {"kind": "SNAPSHOT", "availability": [{"sku": sku, "quantity": 5}]},
        "change": {"kind": "CHANGE", "availability": [{"sku": sku, "quantity": 3}]},
        "states": ["HELD", "RELEASED"],
        "ended": True,
        "refused": "UNKNOWN_SKU",
        "refusedWatch": "UNKNOWN_SKU",
    }


@pytest.mark.parametrize(
    ("client", "transports"),
    [
        ("graphql-ws", ["socket"]),
        ("graphql-sse", ["events"]),
        ("event-source", ["eventSource"]),
        ("apollo", ["http", "socket", "split"]),
        ("urql", ["events", "multipart", "socket"]),
    ],
)
async def test_a_client_is_told_the_same_over_each_of_its_transports(
    served: Served, client: str, transports: list[str]
) -> None:
    told = await told_by(f"{client}.mjs", served.url, served.socket_url, *SKUS)
    assert told == {name: story(sku) for name, sku in zip(transports, SKUS, strict=False)}


async def test_the_relay_compiler_makes_types_of_our_schema(tmp_path: Path) -> None:
    artifacts = await compiled(tmp_path)
    assert sorted(file.name.removesuffix(".graphql.ts") for file in artifacts.iterdir()) == [
        "StockAskQuery",
        "StockFollowSubscription",
        "StockItemsPaginationQuery",
        "StockPageQuery",
        "StockReleaseMutation",
        "StockReserveMutation",
        "StockWatchSubscription",
        "Stock_availability",
        "Stock_items",
    ]
    types = (artifacts / "Stock_availability.graphql.ts").read_text()
    assert "readonly quantity: number | null | undefined;" in types
    assert "readonly status: AvailabilityStatus;" in types


async def test_relay_runs_what_its_compiler_made(served: Served, tmp_path: Path) -> None:
    artifacts = await compiled(tmp_path, language="javascript", eagerEsModules=False)
    told = await told_by("relay.mjs", served.url, served.socket_url, SKUS[0], artifacts)
    assert told == {
        "relay": story(SKUS[0]),
        "pages": [["MUG-L", "MUG-M"], ["MUG-L", "MUG-M", "MUG-S"]],
    }


async def test_the_relay_compiler_refuses_what_our_schema_has_not(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="The type `Availability` has no field `quantities`"):
        await compiled(tmp_path, instead=("quantity", "quantities"))


async def compiled(folder: Path, instead: tuple[str, str] = ("", ""), **configuration: Any) -> Path:
    """The folder with what the Relay compiler makes of the sample."""
    shutil.copytree(CLIENTS / "relay", folder, dirs_exist_ok=True)
    shutil.copy(SCHEMA, folder)
    (folder / "__generated__").mkdir()
    for name, edit in (
        ("relay.config.json", lambda text: json.dumps(json.loads(text) | configuration)),
        ("src/Stock.js", lambda text: text.replace(*instead) if any(instead) else text),
    ):
        file = folder / name
        file.write_text(edit(file.read_text()))
    compiler = CLIENTS / "node_modules" / ".bin" / "relay-compiler"
    await output_of(compiler, "relay.config.json", folder=folder)
    return folder / "__generated__"
