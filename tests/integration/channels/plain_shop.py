"""A marketplace with a plain API over HTTP, strict about how fast it is asked: it counts whatever
comes faster than it allows."""

import time
from typing import Any, Final
from urllib.parse import parse_qs

from tests.integration.channels.faults import Answer, FaultyServer, Request

AUTHORIZATION: Final = "Bearer plain-secret"
PAGE_ITEMS: Final = 2
MOST_AT_ONCE: Final = 3
"""Requests may be held up on their way, and come together then."""


class PlainShop:
    """Quantities by id. It takes many at once (`POST /stock`, with a result for each), or one
    (`PUT /stock/id`), and lists what it has in pages."""

    def __init__(self, requests_per_second: float = 50.0) -> None:
        self.server = FaultyServer(self._handle)
        self.stock: dict[str, int] = {}
        self.too_many = 0
        self.requests: list[Request] = []
        self.poison: set[str] = set()
        """Ids that a whole request is refused for."""
        self.skipped: set[str] = set()
        """Ids that an answer says nothing of."""
        self.as_numbers = False
        """Whether it lists ids, which are skus, as numbers."""
        self._per_second = requests_per_second
        self._allowed = float(MOST_AT_ONCE)
        self._at = time.monotonic()

    def _handle(self, request: Request) -> Answer:
        now = time.monotonic()
        grown = self._allowed + (now - self._at) * self._per_second
        self._allowed, self._at = min(MOST_AT_ONCE, grown) - 1, now
        if self._allowed < 0:
            self.too_many += 1
        self.requests.append(request)
        if request.headers.get("authorization") != AUTHORIZATION:
            return Answer(401, {"error": "who are you?"})
        match request.method, request.path.split("/")[1:]:
            case "GET", ["stock"]:
                return self._list(int(parse_qs(request.query).get("from", ["0"])[0]))
            case "POST", ["stock"]:
                if self.poison.intersection(line["ref"] for line in request.content["lines"]):
                    return Answer(422, b"<h1>no</h1>")
                return Answer(200, {"results": self._set(request.content["lines"])})
            case "PUT", ["stock", id]:
                (result,) = self._set([{**request.content, "ref": id}])
                # As servers have it: a page for people, and a word.
                return (
                    Answer(404, b"<h1>Not Found</h1>") if "error" in result else Answer(200, b"OK")
                )
        return Answer(404, {"error": "no such page"})

    def _set(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        results = []
        for line in lines:
            id, units = line["ref"], line["available"]
            assert type(units) is int
            if id not in self.stock:
                results.append({"ref": id, "error": "NO_SUCH_OFFER"})
            elif id not in self.skipped:
                self.stock[id] = units
                results.append({"ref": id})
        return results

    def _list(self, start: int) -> Answer:
        ids = sorted(self.stock)
        page = ids[start : start + PAGE_ITEMS]
        following = start + PAGE_ITEMS
        offers = [
            {"ref": int(id) if self.as_numbers else id, "stock": {"available": self.stock[id]}}
            for id in page
        ]
        more = {"next": f"/stock?from={following}"} if following < len(ids) else {}
        return Answer(200, {"offers": offers, "links": more})
