"""The key under which a mutation is done once, however often it is sent."""

from typing import Any

import strawberry


def idempotency_key() -> Any:
    """The field of an input. A field of a class belongs to that class, so each gets its own."""
    return strawberry.field(
        default=None,
        description="A key of your choice, 1 to 255 characters. The same key with the same input "
        "gives the same answer again and does nothing twice; keep it when you try again.",
    )
