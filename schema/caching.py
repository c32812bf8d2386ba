"""Which answers caches between the hub and its clients may keep, told as Apollo's directive."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    name="cacheControl",
    locations=[Location.FIELD_DEFINITION],
    description="Is the same for all who ask without credentials, and may be kept for so many "
    "seconds. A query by GET may be kept if this stands at each field of it that is not a plain "
    "part of its object, and it names no holder and no consistency.",
)
class CacheControl:
    """Is the same for all who ask, and may be kept for a while."""

    max_age: int = strawberry.field(
        name="maxAge",
        description="So many seconds; of the fields of a query the shortest time counts.",
    )


def shared_for(seconds: int) -> CacheControl:
    """The field may be kept by everybody for so many seconds."""
    return CacheControl(max_age=seconds)


PERSONAL = frozenset({"holder", "consistency"})
"""Names of arguments and fields of inputs that make an answer one client's own, if they are
given."""
