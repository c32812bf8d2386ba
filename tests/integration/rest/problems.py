"""How tests read a refusal."""

from typing import Any

import httpx


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The data of a refusal, which must be a problem of RFC 9457 with this status and code."""
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), response.text
    assert response.headers["cache-control"] == "no-store"
    told: dict[str, Any] = response.json()
    assert (told.pop("status"), told.pop("code")) == (status, code), response.text
    assert told.pop("type") == f"urn:availability-hub:problem:{code}"
    assert told.pop("title")
    assert told.pop("detail")
    return told
