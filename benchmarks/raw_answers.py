"""`python -m benchmarks.raw_answers ANSWERS`: what reads can cost at least in Python.

The answers of all items, a JSON list in a file, are kept as a dict; a request is answered by what
is in it, encoded anew.
"""

import sys
from pathlib import Path

import orjson
import uvloop
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.raw_server import Endpoint, answer_of, serve, skus_asked_for


def _answering_from(file: Path) -> Endpoint:
    answers = {answer["sku"]: answer for answer in orjson.loads(file.read_bytes())}

    async def answer(request: Request) -> Response:
        return answer_of([answers[sku] for sku in await skus_asked_for(request)])

    return answer


if __name__ == "__main__":
    uvloop.run(serve(_answering_from(Path(sys.argv[1]))))
