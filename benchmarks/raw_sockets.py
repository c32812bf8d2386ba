"""`python -m benchmarks.raw_sockets`: the raw baseline of live delivery. Whoever opens a WebSocket
says what he wants, and is sent a ready text, by Starlette's `send_text`: at once, and whenever
somebody posts to `/publish`."""

import asyncio
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.raw_server import HOST, PATH, STOP_SECONDS
from hub.bootstrap import calm_garbage_collector
from hub.web.server import listen, server_for

TEXT: Final = (
    '{"id":"1","type":"next","payload":{"data":{"availability":{"kind":"CHANGE",'
    '"cursor":"12345:12345:","availability":[{"sku":"ITEM-0000002","quantity":56,'
    '"status":"IN_STOCK","version":7,"asOf":"2026-01-01T12:00:00.123456Z",'
    '"message":{"code":"IN_STOCK","text":"In stock"}}]}},'
    '"extensions":{"cost":{"points":1,"limit":1000}}}}'
)
"""As long as what the hub sends."""


async def serve() -> None:
    """Serve until a signal ends it; prints the address first."""
    sockets: set[WebSocket] = set()

    async def stay(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await socket.receive_text()
            await socket.send_text(TEXT)
            sockets.add(socket)
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(socket)

    async def publish(_request: Request) -> Response:
        for socket in [*sockets]:
            await socket.send_text(TEXT)
        return Response()

    app = Starlette(
        routes=[WebSocketRoute(PATH, stay), Route("/publish", publish, methods=["POST"])]
    )
    with listen(HOST, 0) as listening:
        calm_garbage_collector()
        print(f"http://{HOST}:{listening.getsockname()[1]}{PATH}", flush=True)
        await server_for(app, STOP_SECONDS).serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(serve())
