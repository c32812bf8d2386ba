"""What an operation costs is declared with the fields, and told in the schema as the cost
directives specification of IBM writes it.

A point is an object that the hub has to find or compute. `resolvers.cost` adds them up.
"""

import strawberry
from strawberry.schema_directive import Location

ASSUMED_SIZE = 10


@strawberry.schema_directive(
    name="cost",
    locations=[Location.FIELD_DEFINITION, Location.INPUT_FIELD_DEFINITION],
    description="What each object of a field, or each entry of an input list, costs in points. "
    "Where it is not told: 1 for each object that has to be found or computed, 10 for a mutation, "
    "and nothing for what comes along with its object.",
)
class Cost:
    """What each object of a field, or each entry of an input list, costs."""

    weight: str = strawberry.field(
        name="weight", description='Points, as a decimal number such as "0.1".'
    )


@strawberry.schema_directive(
    name="listSize",
    locations=[Location.FIELD_DEFINITION],
    description="How many objects a field counts for: the number, or the length of the list, that "
    "is given for one of the arguments, else the assumed size. Its sized fields are this very "
    f"list, and multiply nothing again. {ASSUMED_SIZE} for a list where nothing is told.",
)
class ListSize:
    """How many objects a field counts for."""

    assumed_size: int | None = strawberry.field(
        name="assumedSize",
        default=strawberry.UNSET,
        description="The number, where no argument tells it.",
    )
    slicing_arguments: list[str] | None = strawberry.field(
        name="slicingArguments",
        default=strawberry.UNSET,
        description="Arguments of the field that tell the number, or are a list that is as long.",
    )
    sized_fields: list[str] | None = strawberry.field(
        name="sizedFields",
        default=strawberry.UNSET,
        description="Fields of what it returns that are the list; where none is named, the field "
        "itself is.",
    )


def weighs(points: str) -> Cost:
    """Each object, or entry of an input list, costs so many points, such as "0.1"."""
    return Cost(weight=points)


def assumed(size: int) -> ListSize:
    """The list counts as one of this size, as long as it may really be."""
    return ListSize(assumed_size=size)


def sized_by(argument: str, *fields: str) -> ListSize:
    """The field, or these fields of what it returns, has as many objects as this argument says."""
    return ListSize(
        slicing_arguments=[argument], sized_fields=list(fields) if fields else strawberry.UNSET
    )


PAGE = sized_by("first", "edges")
"""The size of a connection."""
