"""Every setting of the hub: its name, its meaning, its unit and its default.

Those that may hold a secret have `repr=False`: neither logs nor `doctor` show them.

Read from the environment (`HUB_…`, and `DATABASE_URL`, `REDIS_URL` as everybody names them) and
from `hub.toml` in the current folder; the environment wins.
"""

import ipaddress
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hub.domain.audience import Bands
from hub.domain.channel_targets import HttpTarget, ShopifyTarget
from hub.domain.principal import STOREFRONT_SCOPES, AccessScope, Audience

FRONTEND = Path(__file__).parent.parent / "frontend-demo" / "dist"

Positive = Annotated[int, Field(gt=0)]
NonNegative = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]
TargetName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]


class AccessToken(BaseModel):
    """What the bearer of a token is called and may do."""

    name: str = Field(min_length=1, max_length=64)
    scopes: frozenset[AccessScope]
    audience: Audience = Audience.EXACT
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _bands_are_for_storefronts(self) -> "AccessToken":
        more = self.scopes - STOREFRONT_SCOPES
        if self.audience is Audience.BANDS and more:
            raise ValueError(
                f"{self.name} is told bands, so it can not have {', '.join(sorted(more))}: whoever "
                "has that sees exact stock"
            )
        return self


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_", toml_file="hub.toml", extra="forbid", validate_default=True
    )

    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "HUB_DATABASE_URL", "database_url"),
        repr=False,
        description="PostgreSQL 15 or newer; without it the hub starts its own in `data_dir`.",
    )
    redis_url: str | None = Field(
        None,
        validation_alias=AliasChoices("REDIS_URL", "HUB_REDIS_URL", "redis_url"),
        repr=False,
        description="Redis for hints between processes; stock truth is never kept there.",
    )
    data_dir: Path = Field(
        Path(".data"), description="Folder of the embedded database, made when it is missing."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    backplane_url: str | None = Field(
        None,
        repr=False,
        description="Where hints travel: memory://, postgres://… or redis://…; by default Redis "
        "if there is one, else PostgreSQL, and memory on the embedded database.",
    )
    access_tokens: dict[str, AccessToken] = Field(
        default_factory=dict,
        repr=False,
        description="Who may do what, by the SHA-256 (hex) of his bearer token, as JSON. Empty "
        "means open access, which the hub grants on loopback only.",
    )
    anonymous_access: bool = Field(
        False,
        description="Whether callers without an Authorization header may read availability, told "
        "in bands, and hold stock for a while, as the browsers of a storefront's shoppers. Their "
        "holds count for the address they ask from.",
    )
    bands: Annotated[tuple[Positive, ...], NoDecode] = Field(
        Bands().bounds,
        description="Lower bounds of the bands, in whole units, that are told in place of exact "
        "quantities: 1,5,10 makes 0, 1-4, 5-9 and 10+.",
    )
    allowed_origins: tuple[str, ...] = Field(
        (), description="Origins of pages, besides the hub's own, that may open a WebSocket."
    )
    development: bool = Field(
        False, description="Introspection, GraphiQL and suggestions in error messages."
    )
    frontend_dir: Path = Field(FRONTEND, description="Built files of the storefront.")
    hold_ttl_seconds: Positive = Field(600, description="How long a hold lasts by default.")
    checkout_hold_ttl_seconds: Positive = Field(
        900, description="How long a hold lasts by default once its shopper is in the checkout."
    )
    payment_hold_ttl_seconds: Positive = Field(
        1_200, description="How long a hold lasts by default while its shopper pays."
    )
    writer_lanes: Positive = Field(
        3,
        description="Lanes of the stock writer of one process: one for holds, the rest for "
        "whatever else there is; with 1, that one takes everything.",
    )
    max_holds_per_holder: NonNegative = Field(
        20, description="Live holds of one holder; 0 for no limit."
    )
    max_holds_per_address: NonNegative = Field(
        200, description="Live holds made from one network address; 0 for no limit."
    )
    max_hold_ttl_seconds: Positive = Field(86_400, description="How long a hold may last.")
    max_document_characters: Positive = Field(15_000, description="Length of a GraphQL document.")
    max_document_tokens: Positive = Field(1_000, description="Names, numbers and signs in it.")
    max_document_depth: Positive = Field(8, description="Fields in fields of an operation.")
    max_document_aliases: Positive = Field(
        15, description="Aliases of an operation, counted again with each spread of a fragment."
    )
    max_document_directives: Positive = Field(
        20, description="Directives of an operation, counted as aliases are."
    )
    max_document_fields: Positive = Field(
        500, description="Fields of an operation, counted as aliases are."
    )
    max_document_comparisons: Positive = Field(
        10_000,
        description="Pairs of fields at the same place of the answer, which validation compares.",
    )
    max_root_mutation_fields: Positive = Field(5, description="Mutations of one operation.")
    max_operation_points: Positive = Field(
        1_000, description="Cost of an operation: a point is an object to find or to compute."
    )
    max_operation_seconds: Seconds = Field(5.0, description="How long a query or mutation may run.")
    trusted_documents: Annotated[tuple[Path, ...], NoDecode] = Field(
        (),
        description="Manifests of documents that requests may name by their SHA-256, separated by "
        "commas; the storefront's own is always among them.",
    )
    trusted_documents_only: bool = Field(
        False, description="Whether all other documents are refused."
    )
    max_persisted_queries: NonNegative = Field(
        1_000,
        description="Documents that clients may register by their SHA-256, in each process "
        "(automatic persisted queries); the longest unused go first.",
    )
    max_body_bytes: Positive = Field(131_072, description="Body of a GraphQL request.")
    max_bulk_body_bytes: Positive = Field(
        1_048_576, description="The same of a caller who may write stock: 5,000 rows fit in."
    )
    max_event_bytes: Positive = Field(1_048_576, description="Body of an intake request.")
    max_upload_bytes: Positive = Field(
        268_435_456, description="A file that is uploaded for a source, unpacked."
    )
    max_list_items: Positive = Field(250, description="Items a query or subscription may name.")
    max_feeds_per_principal: Positive = Field(
        50,
        description="Feeds that one principal may have open at once in each process; without "
        "credentials, one network address.",
    )
    max_cached_items: NonNegative = Field(
        20_000,
        description="Items that each process keeps with their positions, about 5 KB each.",
    )
    max_page: int = Field(100, gt=0, le=1_000, description="Nodes of one page of a connection.")
    event_source: str = Field(
        "urn:availability-hub",
        min_length=1,
        max_length=200,
        description="The source of the CloudEvents that the hub sends, a URI: one for each hub.",
    )
    alert_calm_seconds: NonNegative = Field(
        60, description="An alert is resolved once its cause has been gone for so long."
    )
    alert_log_days: Positive = Field(
        90, description="How long alerts are kept once they are resolved."
    )
    notice_factor: Annotated[float, Field(ge=1)] = Field(
        1.5,
        description="When an item is back, so many times as many units are announced to those who "
        "asked to hear of it as there are: not all of them will come.",
    )
    notice_wave_seconds: Positive = Field(
        3_600,
        description="How long those who were told that an item is back have it for themselves, "
        "before the next in line are told of what is left.",
    )
    max_notices_per_holder: NonNegative = Field(
        50, description="Items that one holder may wait to hear of; 0 for no limit."
    )
    max_notices_per_address: NonNegative = Field(
        200, description="The same from one network address; 0 for no limit."
    )
    webhook_private_addresses: bool = Field(
        False,
        description="Whether webhooks may lead into private networks, and over plain HTTP: for "
        "trials, and where all receivers are one's own.",
    )
    webhook_timeout_seconds: Positive = Field(
        15, description="How long the receiver of a webhook may take to answer."
    )
    webhook_requests: Positive = Field(
        100, description="Requests to receivers of webhooks at a time, in each process."
    )
    webhook_requests_each: Positive = Field(
        4, description="The same to one of them, by all processes together."
    )
    webhook_log_days: Positive = Field(
        30, description="How long it is kept what was sent to webhooks."
    )
    delivery_log_days: Positive = Field(
        30, description="How long it is kept what came from sources, as it came."
    )
    watched_dir: Path | None = Field(
        None,
        description="Folder within which sources of the kind `folder` look for files; without it, "
        "none do.",
    )
    fetch_private_networks: Annotated[
        tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], NoDecode
    ] = Field(
        (),
        description="Private networks that sources may be fetched from, such as 10.20.0.0/16, "
        "separated by commas; public addresses may be anyhow.",
    )
    max_webhooks: Positive = Field(20, description="Webhooks of one principal.")
    max_webhook_backlog: Positive = Field(
        100_000, description="Events that may wait for one webhook; with more, it is disabled."
    )
    snapshot_quarantine_days: Positive = Field(
        14, description="So long a quarantined snapshot waits for a person, then it expires."
    )
    reconciliation_log_days: Positive = Field(
        90, description="How long comparisons with sources and sales channels are kept."
    )
    audit_interval_seconds: Annotated[int, Field(ge=0)] | None = Field(
        3_600, description="How often the jobs audit the whole ledger; 0 for never."
    )
    publish_url: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        repr=False,
        description="Topics that events are published to, separated by blanks: redis://, amqp://, "
        "nats:// or kafka://, such as redis://host:6379/0?topic=availability.",
    )
    channel_targets: dict[
        TargetName, Annotated[ShopifyTarget | HttpTarget, Field(discriminator="kind")]
    ] = Field(
        default_factory=dict,
        description="The other sides that the quantities of channels are pushed to, by name; in "
        "hub.toml a table for each, [channel_targets.name].",
    )
    connection_init_seconds: Seconds = Field(
        5, description="How soon a WebSocket must say who is asking."
    )
    heartbeat_seconds: Seconds = Field(
        15,
        description="How long a WebSocket may be silent before it is pinged; it is closed when "
        "nothing comes within two thirds of that again.",
    )
    max_subscriptions_per_connection: Positive = Field(
        20, description="Operations at a time over one WebSocket."
    )
    max_messages_per_minute: Positive = Field(
        100,
        description="Messages of a client over one WebSocket; beyond, operations are refused, and "
        "who goes on is closed and may connect again.",
    )
    max_socket_message_bytes: Positive = Field(
        65_536, description="One message of a client over a WebSocket."
    )
    stalled_reader_seconds: Seconds = Field(
        25, description="How long a client may take nothing of what is sent to him."
    )
    connection_seconds: Seconds = Field(
        600,
        description="How long a WebSocket or a stream lasts, a fifth more or less; then its client "
        "connects again, perhaps to another process.",
    )
    drain_notice_seconds: Annotated[float, Field(ge=0)] = Field(
        3,
        description="How long the hub goes on as ever after SIGTERM while /readyz says that it "
        "ends, before it takes no more connections.",
    )
    drain_seconds: Seconds = Field(
        7, description="Over how long open WebSockets and streams are ended then."
    )
    graceful_shutdown_seconds: Positive = Field(
        5, description="How long open requests may go on after the hub was told to stop."
    )

    @property
    def open_access(self) -> bool:
        """Whether everybody may do everything."""
        return not self.access_tokens and not self.anonymous_access

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then hub.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("bands", "trusted_documents", "fetch_private_networks", mode="before")
    @classmethod
    def _separated_by_commas(cls, given: object) -> object:
        return [one for one in given.split(",") if one] if isinstance(given, str) else given

    @field_validator("publish_url", mode="before")
    @classmethod
    def _separated_by_blanks(cls, given: object) -> object:
        return given.split() if isinstance(given, str) else given

    @field_validator("bands")
    @classmethod
    def _bands_ascend(cls, bands: tuple[int, ...]) -> tuple[int, ...]:
        if not bands or any(low >= high for low, high in pairwise(bands)):
            raise ValueError("must name at least one bound, the smallest first: 1,5,10")
        return bands

    @model_validator(mode="after")
    def _open_access_on_loopback_only(self) -> "Settings":
        if self.open_access and not is_loopback(self.host):
            raise ValueError(
                f"HUB_ACCESS_TOKENS is empty and HUB_HOST is {self.host}: without tokens anybody "
                "could write stock, so set HUB_ACCESS_TOKENS or listen on 127.0.0.1"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
