"""A type cannot promise what the value behind it does not have."""

from typing import NamedTuple

import pytest
import strawberry

from schema.shape import derived, shape_of


class Box(NamedTuple):
    """A value of the hub."""

    width: int


def test_a_field_that_the_value_does_not_have_is_found_at_import() -> None:
    with pytest.raises(TypeError, match="Box has no attribute height"):

        @shape_of(Box, "A box.")
        class _Declared:
            height: int = strawberry.field(description="How high.")


def test_a_derived_field_needs_no_attribute() -> None:
    @shape_of(Box, "A box.")
    class _Declared:
        width: int = strawberry.field(description="How wide.")
        doubled: int = derived(lambda box: box.width * 2, "Twice as wide.")
