"""A source: a supplier, shop or system that tells the hub of stock, and how it is understood.

It is configuration, written by people as TOML or JSON and kept in the database. What its format
needs to know is in `options`, which only the format understands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.guard_rails import GuardRails, guard_rails_from, plain_guard_rails
from hub.domain.plain_table import Table
from hub.domain.sender_names import (
    NameMap,
    SkuRules,
    name_map_from,
    plain_name_map,
    plain_sku_rules,
    sku_rules_from,
)
from hub.domain.snapshots import Missing
from hub.domain.source_freshness import (
    Freshness,
    freshness_from,
    locations_told_by,
    plain_freshness,
)
from hub.domain.values import LocationId, identifier_from

MAX_SECRETS: Final = 5
"""Live at a time: two for a rotation, and some for senders that share a source."""
AUTHORIZATION: Final = "authorization"
_HEADER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,127}")


class OrdersIncluded(StrEnum):
    """Which orders a count has taken off already (docs/decisions/0012)."""

    FIELD = "field"
    """Those up to what the count itself says in `includesOrdersUpTo`; none where it says
    nothing."""
    NONE = "none"
    """None, whatever it says: it counts what lies on the shelf."""
    TIME = "time"
    """All that were placed before the time of the count."""


class EventIds(StrEnum):
    """What makes two changes the same one, so that it takes effect once."""

    SENDER = "sender"
    """The sender's own id; where he gives none, as `content-and-place`."""
    CONTENT = "content"
    """What it says, and of when: the same said again is the same, in whatever file it comes. Who
    tells of no time is heard once only: a count that comes back to what it was is not."""
    PLACE = "content-and-place"
    """What was sent as a whole, and where the change stands in it: the same row twice counts
    twice, the same file twice counts once."""


class SigningKind(StrEnum):
    """How a request proves that it is the source's."""

    NONE = "none"
    """It does not: it needs credentials of the hub."""
    STANDARD_WEBHOOKS = "standard-webhooks"
    """By the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`."""
    SHOPIFY = "shopify"
    """By the header `X-Shopify-Hmac-Sha256`."""
    API_KEY = "api-key"
    """By a secret that it carries as it is, in a header."""


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How requests are signed, and where the secrets are."""

    kind: SigningKind = SigningKind.NONE
    header: str = AUTHORIZATION
    """Where an API key stands, in lower case; in `authorization` it stands behind `Bearer`."""
    secrets: tuple[str, ...] = ()
    """Variables of the environment that hold them. Each of them counts: to change a secret, name
    the new one beside the old one until the sender uses it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who tells the hub of stock, and how that is understood."""

    name: str
    format: str
    """As the list of formats has it."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the format."""
    locations: NameMap = field(default_factory=NameMap)
    channels: NameMap = field(default_factory=NameMap)
    skus: SkuRules = field(default_factory=SkuRules)
    include_orders: OrdersIncluded = OrdersIncluded.FIELD
    ids: EventIds = EventIds.SENDER
    missing: Missing = Missing.KEEP
    """What becomes of items that a whole snapshot leaves out."""
    guard_rails: GuardRails = field(default_factory=GuardRails)
    """What makes its whole snapshots unbelievable."""
    signing: Signing = Signing()
    freshness: Freshness = field(default_factory=Freshness)
    """How often it is to be heard, and what follows when it is not."""

    @property
    def told_locations(self) -> list[LocationId]:
        """The locations that it is known to tell of."""
        return locations_told_by(
            self.freshness, (*self.locations.names.values(), self.locations.default)
        )

    def as_plain(self) -> dict[str, Any]:
        """What `source_from` reads, without what is as it is by default."""
        return _without_defaults(
            {
                "name": self.name,
                "format": self.format,
                "options": dict(self.options),
                "locations": plain_name_map(self.locations),
                "channels": plain_name_map(self.channels),
                "skus": plain_sku_rules(self.skus),
                "counts": {"include_orders": self.include_orders.value},
                "events": {"ids": self.ids.value},
                "missing": self.missing.value,
                "guard_rails": plain_guard_rails(self.guard_rails),
                "signing": {
                    "kind": self.signing.kind.value,
                    "header": self.signing.header,
                    "secrets": list(self.signing.secrets),
                },
                "freshness": plain_freshness(self.freshness),
            }
        )


class StoredSource(NamedTuple):
    """A source as it is kept. `version` only grows, also where a source is removed and put anew."""

    source: Source
    version: int
    updated_at: datetime
    updated_by: str


def source_from(data: object) -> Source:
    """A source from plain data, as of a TOML file. Raises `InvalidInput` with the path of the key
    that is wrong; what is within `options` is for the format to check."""
    table = Table(data)
    counts, events = table.table("counts"), table.table("events")
    source = Source(
        name=identifier_from(table.get("name"), "name"),
        format=table.text("format"),
        options=table.json("options"),
        locations=name_map_from(table.table("locations")),
        channels=name_map_from(table.table("channels")),
        skus=sku_rules_from(table.table("skus")),
        include_orders=counts.choice("include_orders", OrdersIncluded.FIELD),
        ids=events.choice("ids", EventIds.SENDER),
        missing=table.choice("missing", Missing.KEEP),
        guard_rails=guard_rails_from(table.json("guard_rails")),
        signing=_signing_from(table.table("signing")),
        freshness=freshness_from(table.table("freshness")),
    )
    for one in (counts, events, table):
        one.end()
    _check_whole(source)
    if source.freshness.withhold is not None and not source.told_locations:
        problem = "must name those that withhold, for locations of the source has no names"
        raise InvalidInput(field="freshness.locations", problem=problem)
    return source


def _check_whole(source: Source) -> None:
    """A count that has taken orders off can not be judged with others as a whole."""
    if source.include_orders is not OrdersIncluded.TIME:
        return
    problem = "is for snapshots, whose counts include no orders: not with include_orders = time"
    if source.missing is Missing.ZERO:
        raise InvalidInput(field="missing", problem=problem)
    if source.guard_rails != GuardRails():
        raise InvalidInput(field="guard_rails", problem=problem)


def _signing_from(table: Table) -> Signing:
    signing = Signing(
        kind=table.choice("kind", SigningKind.NONE),
        header=table.text("header", AUTHORIZATION).lower(),
        secrets=table.texts("secrets", MAX_SECRETS),
    )
    table.end()
    if not _HEADER.fullmatch(signing.header):
        raise InvalidInput(field=table.at("header"), problem="must be a name such as X-Api-Key")
    if signing.header != AUTHORIZATION and signing.kind is not SigningKind.API_KEY:
        problem = f"is for the kind {SigningKind.API_KEY} only"
        raise InvalidInput(field=table.at("header"), problem=problem)
    for place, name in enumerate(signing.secrets):
        if not _VARIABLE.fullmatch(name):
            # Not repeated here: it may be the secret itself.
            problem = "must name a variable of the environment, such as ACME_SECRET, that holds it"
            raise InvalidInput(field=f"{table.at('secrets')}[{place}]", problem=problem)
    if bool(signing.secrets) is (signing.kind is SigningKind.NONE):
        problem = "must name at least one" if not signing.secrets else "are for no kind of signing"
        raise InvalidInput(field=table.at("secrets"), problem=problem)
    return signing


_DEFAULTS: Final[dict[str, Any]] = {
    "skus": {"case": "keep"},
    "counts": {"include_orders": OrdersIncluded.FIELD.value},
    "events": {"ids": EventIds.SENDER.value},
    "missing": Missing.KEEP.value,
    "guard_rails": plain_guard_rails(GuardRails()),
    "signing": {"kind": SigningKind.NONE.value, "header": AUTHORIZATION},
}


def _without_defaults(plain: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in plain.items():
        if isinstance(value, dict) and key != "options":
            usual = _DEFAULTS.get(key, {})
            value = {
                name: inner
                for name, inner in value.items()
                if inner not in (None, {}, []) and inner != usual.get(name)
            }
        if value != {} and value != _DEFAULTS.get(key):
            kept[key] = value
    return kept
