"""`python -m benchmarks.raw_streams`: the raw baseline of partner feeds. Whoever asks is answered
by Starlette's `StreamingResponse`, with a ready text at once and whenever somebody posts to
`/publish`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from benchmarks.raw_server import HOST, PATH, STOP_SECONDS
from hub.bootstrap import calm_garbage_collector
from hub.web.server import listen, server_for

TEXT: Final = (
    b"id: 12345:12345:.0123456789abcdef\nevent: availability\ndata: "
    + b'{"kind":"CHANGE","sku":"ITEM-0000002","channel":"web","text":"%s"}' % (b"x" * 700)
    + b"\n\n"
)
"""As long as what the hub sends."""


async def serve() -> None:
    """Serve until a signal ends it; prints the address first."""
    readers: set[asyncio.Queue[bytes]] = set()

    async def events() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        readers.add(queue)
        try:
            yield TEXT
            while True:
                yield await queue.get()
        finally:
            readers.discard(queue)

    async def stream(_request: Request) -> Response:
        return StreamingResponse(events(), media_type="text/event-stream")

    async def publish(_request: Request) -> Response:
        for queue in readers:
            queue.put_nowait(TEXT)
        return Response()

    app = Starlette(routes=[Route(PATH, stream), Route("/publish", publish, methods=["POST"])])
    with listen(HOST, 0) as listening:
        calm_garbage_collector()
        print(f"http://{HOST}:{listening.getsockname()[1]}{PATH}", flush=True)
        await server_for(app, STOP_SECONDS).serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(serve())
