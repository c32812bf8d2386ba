"""`schema`: the documents of the interfaces."""

import sys
from typing import Annotated

import typer

from hub.cli.console import ExitCode, fail
from hub.web.asyncapi.document import asyncapi_text
from hub.web.rest.app import rest_document
from resolvers.root import sdl


def schema(
    openapi: Annotated[
        bool, typer.Option("--openapi", help="The OpenAPI document of the REST face instead.")
    ] = False,
    asyncapi: Annotated[
        bool, typer.Option("--asyncapi", help="The AsyncAPI document of all events, out and in.")
    ] = False,
) -> None:
    """Print the GraphQL schema.

    Example: availability-hub schema > schema/schema.graphql
    """
    if openapi and asyncapi:
        fail("--openapi and --asyncapi are two documents: ask for one.", ExitCode.WRONG_USE)
    sys.stdout.write(rest_document() if openapi else asyncapi_text() if asyncapi else sdl())
