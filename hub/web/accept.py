"""What a client accepts: the formats of an answer that it takes, by the weights it gives them."""

from functools import lru_cache
from typing import Final, NamedTuple

PLAIN_JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"
MULTIPART: Final = "multipart/mixed"

_ANY_JSON: Final = (PLAIN_JSON, GRAPHQL_RESPONSE, "application/*", "*/*")
_REMEMBERED: Final = 100


class Accepted(NamedTuple):
    """The formats to answer an operation in."""

    json: str
    """Of one result: plain JSON, or the format of the GraphQL over HTTP draft where asked for."""

    stream: str | None
    """Of results as they come; none where only one is wanted."""

    prefers_stream: bool
    """Whether one result, too, is to be sent as a stream. Clients that take all formats at once
    get it as JSON."""


@lru_cache(_REMEMBERED)
def accepted(header: str) -> Accepted:
    """What an `Accept` header asks for; anything may stand in it."""
    weights: dict[str, float] = {}
    for media_range in header.lower().split(","):
        name, *options = (piece.strip() for piece in media_range.split(";"))
        if name != MULTIPART or _is_of_subscriptions(options):
            weights[name] = _weight(options)
    plain, draft = weights.get(PLAIN_JSON, 0.0), weights.get(GRAPHQL_RESPONSE, 0.0)
    # The first of those that are wanted most, so a tie is decided by the client's order.
    streams = [name for name in weights if name in (EVENT_STREAM, MULTIPART) and weights[name] > 0]
    stream = max(streams, key=weights.__getitem__, default=None)
    any_json = max(weights.get(name, 0.0) for name in _ANY_JSON)
    return Accepted(
        GRAPHQL_RESPONSE if 0 < draft >= plain else PLAIN_JSON,
        stream,
        stream is not None and weights[stream] > any_json,
    )


def takes_gzip(header: str) -> bool:
    """Whether an `Accept-Encoding` header asks for gzip by its name."""
    for coding in header.lower().split(","):
        name, *options = (piece.strip() for piece in coding.split(";"))
        if name == "gzip":
            return _weight(options) > 0
    return False


def _is_of_subscriptions(options: list[str]) -> bool:
    # Without it, multipart is asked for results that come in pieces, which the hub has none of.
    return any(option.replace('"', "") == "subscriptionspec=1.0" for option in options)


def _weight(options: list[str]) -> float:
    for option in options:
        if option.startswith("q="):
            try:
                return float(option[2:])
            except ValueError:
                return 0.0
    return 1.0
