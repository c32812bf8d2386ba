"""Sources as people configure them: what is understood, and what is refused by its path."""

import tomllib
from typing import Any

import orjson
import pytest

from hub.domain.errors import InvalidInput
from hub.domain.guard_rails import GuardRails
from hub.domain.sender_names import Case, NameMap, SkuRules
from hub.domain.snapshots import Missing
from hub.domain.sources import (
    EventIds,
    OrdersIncluded,
    Signing,
    SigningKind,
    Source,
    source_from,
)
from hub.domain.values import UNIT

WHOLE = """
name = "acme"
format = "csv"
[options]
delimiter = ";"
columns = { sku = "Art.-Nr.", onHand = "Bestand" }
[locations]
default = "BER"
names = { "Lager 1" = "BER", "Lager 2" = "AMS" }
ignored = ["Messe"]
[channels]
default = "web"
[skus]
case = "upper"
gtin = 13
strip_prefix = "ac-"
add_prefix = "ACME-"
aliases = { "4711" = "A-1" }
[counts]
include_orders = "time"
[events]
ids = "content"
[signing]
kind = "standard-webhooks"
secrets = ["ACME_SECRET", "ACME_SECRET_NEW"]
"""


def test_every_key_is_understood_and_written_again_as_it_was() -> None:
    plain = tomllib.loads(WHOLE)
    source = source_from(plain)
    assert source == Source(
        name="acme",
        format="csv",
        options={"delimiter": ";", "columns": {"sku": "Art.-Nr.", "onHand": "Bestand"}},
        locations=NameMap(
            default="BER",
            names={"Lager 1": "BER", "Lager 2": "AMS"},
            ignored=frozenset({"Messe"}),
        ),
        channels=NameMap(default="web"),
        skus=SkuRules(
            aliases={"4711": "A-1"},
            strip_prefix="ac-",
            case=Case.UPPER,
            gtin=13,
            add_prefix="ACME-",
        ),
        include_orders=OrdersIncluded.TIME,
        ids=EventIds.CONTENT,
        signing=Signing(
            kind=SigningKind.STANDARD_WEBHOOKS, secrets=("ACME_SECRET", "ACME_SECRET_NEW")
        ),
    )
    assert source.as_plain() == plain
    assert source_from(source.as_plain()) == source


def test_guard_rails_are_written_as_they_were_without_those_that_are_as_usual() -> None:
    rails = {"zeroed_share": 0.5, "jump_factor": False, "jump_from": 25}
    plain = {"name": "acme", "format": "csv", "missing": "zero", "guard_rails": rails}
    source = source_from(plain | {"guard_rails": {**rails, "unknown_share": 0.1}})
    assert source.missing is Missing.ZERO
    assert source.guard_rails == GuardRails(zeroed_share=0.5, jump_factor=None, jump_from=25 * UNIT)
    assert source.as_plain() == plain
    assert source_from(source.as_plain()) == source


def test_name_and_format_are_enough() -> None:
    plain = {"name": "acme", "format": "csv"}
    assert source_from(plain) == Source(name="acme", format="csv")
    assert source_from(plain).as_plain() == plain


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ([], "configuration"),
        ({}, "name"),
        ({"name": 7}, "name"),
        ({"name": "acme"}, "format"),
        ({"formt": "csv"}, "formt"),
        ({"options": [1]}, "options"),
        ({"options": {"day": object()}}, "options.day"),
        ({"options": {"list": ["a\0"]}}, "options.list[0]"),
        ({"options": {"tables": {"a\0": 1}}}, "options.tables"),
        ({"options": {"most": 2**63}}, "options.most"),
        ({"options": {"most": -(10**5_000)}}, "options.most"),
        ({"options": {"most": float("nan")}}, "options.most"),
        ({"options": {"most": float("inf")}}, "options.most"),
        ({"locations": {"defualt": "BER"}}, "locations.defualt"),
        ({"locations": {"names": {"Lager 1": 5}}}, "locations.names['Lager 1']"),
        ({"locations": {"names": {"Lager 1": "x" * 65}}}, "locations.names['Lager 1']"),
        ({"locations": {"ignored": "Messe"}}, "locations.ignored"),
        ({"skus": {"case": "Upper"}}, "skus.case"),
        ({"skus": {"gtin": 10}}, "skus.gtin"),
        ({"skus": {"gtin": True}}, "skus.gtin"),
        ({"skus": {"add_prefix": "x" * 33}}, "skus.add_prefix"),
        ({"skus": {"aliases": {"a": ""}}}, "skus.aliases['a']"),
        ({"counts": {"include_orders": 1}}, "counts.include_orders"),
        ({"counts": {"include": "none"}}, "counts.include"),
        ({"events": {"ids": "guid"}}, "events.ids"),
        ({"missing": "gone"}, "missing"),
        ({"missing": "zero", "counts": {"include_orders": "time"}}, "missing"),
        ({"guard_rails": [0.3]}, "guard_rails"),
        ({"guard_rails": {"zeroed": 0.3}}, "guard_rails.zeroed"),
        ({"guard_rails": {"zeroed_share": 3}}, "guard_rails.zeroed_share"),
        ({"guard_rails": {"zeroed_share": True}}, "guard_rails.zeroed_share"),
        ({"guard_rails": {"from_items": False}}, "guard_rails.from_items"),
        (
            {"guard_rails": {"zeroed_share": False}, "counts": {"include_orders": "time"}},
            "guard_rails",
        ),
        ({"signing": {"kind": "shopify"}}, "signing.secrets"),
        ({"signing": {"secrets": ["ACME_SECRET"]}}, "signing.secrets"),
        ({"signing": {"kind": "api-key", "secrets": ["whsec_abc"]}}, "signing.secrets[0]"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(wrong: Any, field: str) -> None:
    known = {"name": "acme", "format": "csv"}
    whole = {**known, **wrong} if isinstance(wrong, dict) and not set(wrong) <= {"name"} else wrong
    with pytest.raises(InvalidInput) as refused:
        source_from(whole)
    assert refused.value.field == field


def test_a_secret_that_is_written_down_is_not_repeated() -> None:
    signing = {"kind": "api-key", "secrets": ["whsec_abc"]}
    with pytest.raises(InvalidInput) as refused:
        source_from({"name": "acme", "format": "csv", "signing": signing})
    assert "whsec_abc" not in refused.value.message


def test_what_json_can_hold_is_kept_as_it_is() -> None:
    options = {"a\U0001f600": [0, -7, 2**63 - 1, 1.5, True, None]}
    plain = {"name": "acme", "format": "csv", "options": options}
    assert source_from(plain).as_plain() == plain
    assert orjson.loads(orjson.dumps(plain)) == plain
