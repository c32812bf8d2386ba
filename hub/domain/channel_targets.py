"""Where the quantities of a channel are pushed to, as the settings say it: the other side.

A target takes the quantities of one channel of the hub to one place of theirs. Where they keep
stock at several places, each is served by a channel of its own, with its own pool.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from hub.domain.availability import Availability
from hub.domain.values import UNIT, ChannelId

MAX_BATCH_ITEMS: Final = 250
"""As many as Shopify takes in one request."""


class Ids(StrEnum):
    """How the other side's id of an item is found."""

    IMPORTED = "imported"
    """It was imported; other items are not pushed."""
    MATCHED = "matched"
    """That, or the other side lists an item with our sku."""
    SKU = "sku"
    """It is our sku; all items are pushed."""


class Repair(StrEnum):
    """What becomes of a quantity of theirs that is not ours. Theirs is never taken over."""

    PUSH = "push"
    """Ours is pushed again."""
    REPORT = "report"
    """A person is told; ours is pushed when it changes."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What every target has. Secrets are named by the environment's variable that holds them."""

    channel: ChannelId
    ids: Ids = Ids.IMPORTED
    repair: Repair = Repair.PUSH
    beyond_stock: bool = False
    """Whether units count that backorder and preorder rules allow beyond stock."""
    unlimited_units: int = 1_000
    """What is pushed where backorder is without limit."""
    reconcile_seconds: int = 3_600
    """How often all that they have is read and compared; 0 for never."""
    grace_seconds: float = 30.0
    """How long a quantity that somebody else changed is left alone: mostly they have sold some, and
    the order is on its way to the hub."""
    timeout_seconds: float = 15.0

    def __post_init__(self) -> None:
        """Raise `ValueError` for what can not be."""
        for name in ("unlimited_units", "reconcile_seconds", "grace_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be below 0")
        if self.timeout_seconds <= 0:
            raise ValueError("timeout_seconds must be above 0")


@dataclass(frozen=True, kw_only=True)
class ShopifyTarget(Target):
    """A shop with Shopify's Admin GraphQL API, of 2026-04 or later."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read once, by the settings

    kind: Literal["shopify"]
    url: str
    """Of the shop, such as https://example.myshopify.com."""
    location: str
    """Their location, such as gid://shopify/Location/1."""
    token_env: str
    """The variable that holds the access token."""
    api_version: str = "2026-10"
    compare: bool = True
    """Whether a quantity is only set where theirs is what they said last."""
    batch_items: int = MAX_BATCH_ITEMS

    def __post_init__(self) -> None:
        """Raise `ValueError` for what can not be."""
        super().__post_init__()
        _check_url(self.url)
        _check_batch(self.batch_items)


@dataclass(frozen=True, kw_only=True)
class Write:
    """How quantities are sent to a plain HTTP API.

    In `url`, `item` and `body`, `{id}`, `{sku}` and `{units}` stand for those of an item; a text
    that is one of them and nothing else becomes the value itself. `{items}` in `body` stands for
    the list of what `item` became. With `{id}` in `url`, each item is a request of its own.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read once, by the settings

    url: str
    method: Literal["PUT", "POST", "PATCH"] = "POST"
    item: Mapping[str, Any] = field(
        default_factory=lambda: {"id": "{id}", "sku": "{sku}", "units": "{units}"}
    )
    body: Any = "{items}"
    batch_items: int = 100
    results: str | None = None
    """Where the answer says of each item what became of it; without, a 2xx is for all of them."""
    result_id: str = "id"
    result_error: str = "error"
    """Where a result has its error, if it has one."""
    unknown_errors: tuple[str, ...] = ("NOT_FOUND",)
    """Errors which say that they do not know the item."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what can not be."""
        _check_url(self.url)
        _check_batch(self.batch_items)

    @property
    def one_by_one(self) -> bool:
        """Whether each item is a request of its own."""
        return "{id}" in self.url or "{sku}" in self.url


@dataclass(frozen=True, kw_only=True)
class Read:
    """How a plain HTTP API lists what it has. Places in an answer are names, joined by points."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read once, by the settings

    url: str
    items: str = "items"
    id: str = "id"
    units: str = "units"
    sku: str | None = None
    next: str = "next"
    """The address of the next page, of the same server; nothing on the last one."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what can not be."""
        _check_url(self.url)


@dataclass(frozen=True, kw_only=True)
class HttpTarget(Target):
    """Any API that takes quantities as JSON over HTTP."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read once, by the settings

    kind: Literal["http"]
    write: Write
    read: Read | None = None
    """Without it, nothing is compared: a change on their side is never seen."""
    authorization_env: str | None = None
    """The variable that holds the value of the header Authorization."""
    headers: Mapping[str, str] = field(default_factory=dict)
    requests_per_second: float = 2.0
    burst_requests: int = 1
    """So many requests may follow each other at once after a pause."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for what can not be."""
        super().__post_init__()
        if self.requests_per_second <= 0 or self.burst_requests < 1:
            raise ValueError("requests_per_second and burst_requests must be above 0")
        if self.ids is Ids.MATCHED and (self.read is None or self.read.sku is None):
            raise ValueError("ids = matched needs read.sku, where they say our sku")


def settings_digest(target: ShopifyTarget | HttpTarget) -> str:
    """What decides which items they are to have, and how many of each. By another digest, what was
    said before says nothing."""
    at = (target.location,) if isinstance(target, ShopifyTarget) else ()
    place = (target.url if isinstance(target, ShopifyTarget) else target.write.url, *at)
    units = (target.channel, target.ids, target.beyond_stock, target.unlimited_units)
    return hashlib.sha256(repr((target.kind, *place, *units)).encode()).hexdigest()[:32]


def units_to_push(answer: Availability, target: Target) -> int:
    """Whole units that the other side may sell: of what can be ordered now, unless the target says
    otherwise only what is in stock."""
    parts = answer.breakdown
    if target.beyond_stock:
        limited = answer.quantity
        return target.unlimited_units if limited is None else limited // UNIT
    return min(parts.available_to_sell, parts.available_to_order) // UNIT


def _check_url(url: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} must begin with https:// or http://")


def _check_batch(items: int) -> None:
    if not 1 <= items <= MAX_BATCH_ITEMS:
        raise ValueError(f"batch_items must be between 1 and {MAX_BATCH_ITEMS}")
