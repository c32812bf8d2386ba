"""A change of the API is seen in review, because the API is a file in the repository."""

from pathlib import Path

from resolvers.root import sdl

COMMITTED = Path(__file__).parents[3] / "schema" / "schema.graphql"


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == sdl(), "run `make schema` and commit schema/schema.graphql"
