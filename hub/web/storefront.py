"""The built files of the pages, of the storefront and the control room: assets never change."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

NOT_BUILT = "The storefront is not built: run `make setup`, or set HUB_FRONTEND_DIR.\n"


NO_GRAPHIQL = "GraphiQL is served in development only: set HUB_DEVELOPMENT=true.\n"


def storefront_routes(folder: Path, development: bool) -> list[BaseRoute]:
    """Assets under `/assets`, each page at the addresses that it gives to its views, and in
    development GraphiQL at `/graphiql`. The pages hold nothing; what they show they ask for."""
    return [
        Mount("/assets", Assets(directory=folder / "assets", check_dir=False)),
        Route("/graphiql", _page(folder / "graphiql.html") if development else _no_graphiql),
        Route("/", _page(folder / "index.html")),
        Route("/items/{sku:path}", _page(folder / "index.html")),
        Route("/control", _page(folder / "control.html")),
        Route("/control/{view:path}", _page(folder / "control.html")),
    ]


class Assets(StaticFiles):
    """Files of a folder that may come to be while the hub runs, as its pages may."""

    async def check_config(self) -> None:
        """Answer 404 as long as there is no such folder, of which Starlette makes a defect."""
        try:
            await super().check_config()
        except RuntimeError:
            raise HTTPException(404, NOT_BUILT) from None


async def _no_graphiql(request: Request) -> Response:
    return PlainTextResponse(NO_GRAPHIQL, 404)


def _page(file: Path) -> Callable[[Request], object]:
    async def page(request: Request) -> Response:
        if not await asyncio.to_thread(file.is_file):
            return PlainTextResponse(NOT_BUILT, 404)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    return page
