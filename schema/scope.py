"""The scope of a question: what an answer shall hold for."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain.values import Scope


@strawberry.input(description="What an answer shall hold for: a channel, and who is asking.")
class ScopeInput:
    """What an answer shall hold for."""

    channel: ID | None = strawberry.field(
        default=None, description="The channel (sales channel); the default one where missing."
    )
    destination: str | None = strawberry.field(
        default=None, description="Where the goods shall go: ISO 3166 code, with a region if told."
    )
    holder: ID | None = strawberry.field(
        default=None, description="Whose cart or checkout is asking."
    )


ScopeArgument = Annotated[
    ScopeInput | None,
    strawberry.argument(description="What the answer shall hold for; the default channel if none."),
]


def scope_of(given: ScopeInput | None) -> Scope | None:
    """The scope in the hub's terms; None is the default channel."""
    if given is None or given.channel is None:
        return None
    return Scope(given.channel, given.destination, given.holder)
