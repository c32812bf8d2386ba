"""The built files of the storefront: pages at any path, assets that never change."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

NOT_BUILT = "The storefront is not built: run `make setup`, or set HUB_FRONTEND_DIR.\n"


def storefront_routes(folder: Path) -> list[BaseRoute]:
    """Assets under `/assets`, GraphiQL at `/graphiql`, and the page at the addresses that it gives
    to its views."""
    return [
        Mount("/assets", StaticFiles(directory=folder / "assets", check_dir=False)),
        Route("/graphiql", _page(folder / "graphiql.html")),
        Route("/", _page(folder / "index.html")),
        Route("/items/{sku:path}", _page(folder / "index.html")),
    ]


def _page(file: Path) -> Callable[[Request], object]:
    async def page(request: Request) -> Response:
        if not await asyncio.to_thread(file.is_file):
            return PlainTextResponse(NOT_BUILT, 404)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    return page
