"""The scope of a question: what an answer shall hold for."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain.values import Scope, identifier_from
from schema.context import Context


@strawberry.input(description="What an answer shall hold for: a channel, and who is asking.")
class ScopeInput:
    """What an answer shall hold for."""

    channel: ID | None = strawberry.field(
        default=None, description="The channel (sales channel); the default one where missing."
    )
    destination: str | None = strawberry.field(
        default=None,
        description="Where the goods shall go: ISO 3166 code, with a region if told. What is "
        "available does not depend on it.",
    )
    holder: ID | None = strawberry.field(
        default=None,
        description="Whose cart or checkout is asking: what it holds already does not block it.",
    )


ScopeArgument = Annotated[
    ScopeInput | None,
    strawberry.argument(description="What the answer shall hold for; the default channel if none."),
]


def scope_of(given: ScopeInput | None, context: Context) -> Scope | None:
    """The scope in the hub's terms; None is the default channel, and nobody in particular."""
    if given is None:
        return None
    return scope_from(context, given.channel, given.destination, given.holder)


def scope_from(
    context: Context, channel: str | None, destination: str | None, holder: str | None
) -> Scope | None:
    """The scope of these parts; None where there is not even a default channel. Raises
    `InvalidInput`."""
    for name, given in (("destination", destination), ("holder", holder)):
        if given is not None:
            identifier_from(given, f"scope.{name}")
    if channel is None:
        channel = context.services.catalogue.default_channel()
    return None if channel is None else Scope(channel, destination, holder)
