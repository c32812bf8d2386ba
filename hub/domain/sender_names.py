"""What a sender calls items, locations and channels, and what the hub calls them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from hub.domain.errors import InvalidInput
from hub.domain.gtin import LENGTHS, gtin_of
from hub.domain.plain_table import Table
from hub.domain.values import Sku, identifier_from

_MAX_IGNORED: Final = 1_000
_MAX_PREFIX_LENGTH: Final = 32


@dataclass(frozen=True, kw_only=True)
class NameMap:
    """How names of locations or channels are understood. One that is not listed stands for
    itself; whether the hub knows it is looked up later."""

    default: str | None = None
    """Where the sender names none."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The hub's by the sender's."""
    ignored: frozenset[str] = frozenset()
    """What stands there is none of the hub's business, and no error."""

    def ours(self, theirs: str | None) -> str | None:
        """The hub's name; None where the sender names none and there is no default."""
        return self.names.get(theirs, theirs) if theirs else self.default


class Case(StrEnum):
    """What becomes of the letters of an sku."""

    KEEP = "keep"
    UPPER = "upper"
    LOWER = "lower"


@dataclass(frozen=True, kw_only=True)
class SkuRules:
    """How the sender's skus become the hub's. An alias goes before all else; without one, in this
    order: the prefix is taken off, the case changed, the GTIN brought to its length, and the
    prefix put before it."""

    aliases: Mapping[str, Sku] = field(default_factory=dict)
    """The hub's by the sender's, as he writes them."""
    strip_prefix: str = ""
    case: Case = Case.KEEP
    gtin: int | None = None
    """Digits that every GTIN is brought to; then what is no GTIN is refused."""
    add_prefix: str = ""

    def ours(self, theirs: str, field: str) -> Sku:
        """The hub's sku; `InvalidInput` names `field` where it should be a GTIN and is none."""
        alias = self.aliases.get(theirs)
        if alias is not None:
            return alias
        sku = theirs.removeprefix(self.strip_prefix)
        if self.case is not Case.KEEP:
            sku = sku.upper() if self.case is Case.UPPER else sku.lower()
        if self.gtin is not None:
            sku = gtin_of(sku, self.gtin, field)
        return self.add_prefix + sku


def name_map_from(table: Table) -> NameMap:
    """From `default`, `names` and `ignored`."""
    default = table.text_or_none("default")
    names = table.names("names")
    for theirs, ours in names.items():
        identifier_from(ours, f"{table.at('names')}[{theirs!r}]")
    if default is not None:
        identifier_from(default, table.at("default"))
    ignored = frozenset(table.texts("ignored", _MAX_IGNORED))
    table.end()
    return NameMap(default=default, names=names, ignored=ignored)


def sku_rules_from(table: Table) -> SkuRules:
    """From `aliases`, `strip_prefix`, `case`, `gtin` and `add_prefix`."""
    gtin = table.get("gtin")
    if gtin is not None and (type(gtin) is not int or gtin not in LENGTHS):
        lengths = ", ".join(map(str, LENGTHS))
        raise InvalidInput(field=table.at("gtin"), problem=f"must be one of {lengths} (digits)")
    aliases = table.names("aliases")
    for theirs, ours in aliases.items():
        identifier_from(ours, f"{table.at('aliases')}[{theirs!r}]")
    rules = SkuRules(
        aliases=aliases,
        strip_prefix=_prefix(table, "strip_prefix"),
        case=table.choice("case", Case.KEEP),
        gtin=gtin,
        add_prefix=_prefix(table, "add_prefix"),
    )
    table.end()
    return rules


def plain_name_map(names: NameMap) -> dict[str, Any]:
    """What `name_map_from` reads."""
    return {
        "default": names.default,
        "names": dict(names.names),
        "ignored": sorted(names.ignored),
    }


def plain_sku_rules(rules: SkuRules) -> dict[str, Any]:
    """What `sku_rules_from` reads."""
    return {
        "aliases": dict(rules.aliases),
        "strip_prefix": rules.strip_prefix or None,
        "case": rules.case.value,
        "gtin": rules.gtin,
        "add_prefix": rules.add_prefix or None,
    }


def _prefix(table: Table, key: str) -> str:
    prefix = table.text(key, default="")
    if len(prefix) > _MAX_PREFIX_LENGTH:
        problem = f"must have at most {_MAX_PREFIX_LENGTH} characters"
        raise InvalidInput(field=table.at(key), problem=problem)
    return prefix
