"""What the guide for receivers shows checks what the hub signs."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from hub.domain.webhook_signature import new_secret, signed_headers

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "receive-webhooks.md").read_text()
BODY = '{"type":"availability.changed","data":{"sku":"Ä-1"}}'.encode()
PROGRAM = """
import { eventOf } from "./receiver.mjs";
const [secret, headers, body] = JSON.parse(process.argv[2]);
console.log(JSON.stringify(eventOf(secret, headers, body)));
"""

Check = Callable[[str, dict[str, str], bytes], Any]


def block(language: str) -> str:
    """The first piece of the guide in a language."""
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(params=["python", "javascript"])
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    """The guide's own way to check an event; raises where it is not the hub's."""
    if request.param == "python":
        known: dict[str, Any] = {}
        exec(block("python"), known)  # noqa: S102 - the guide is ours
        checked: Check = known["event_of"]
        return checked
    (tmp_path / "receiver.mjs").write_text(block("javascript"))
    (tmp_path / "program.mjs").write_text(PROGRAM)

    def run(secret: str, headers: dict[str, str], body: bytes) -> Any:
        given = json.dumps([secret, headers, body.decode()])
        ran = subprocess.run(
            ["node", "program.mjs", given],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise WebhookVerificationError(ran.stderr)
        return json.loads(ran.stdout)

    return run


def test_what_the_hub_signs_is_known_and_nothing_else(check: Check) -> None:
    old, new, now = new_secret(), new_secret(), datetime.now(UTC)
    headers = signed_headers([new, old], "1-a", now, BODY)
    for secret in (old, new):
        assert check(secret, headers, BODY) == json.loads(BODY)
    late = signed_headers([new], "1-a", now - timedelta(minutes=6), BODY)
    for secret, told, body in (
        (new_secret(), headers, BODY),
        (new, headers, BODY + b" "),
        (new, {**headers, "webhook-id": "1-b"}, BODY),
        (new, {**headers, "webhook-signature": "v1,"}, BODY),
        (new, late, BODY),
    ):
        with pytest.raises(WebhookVerificationError):
            check(secret, told, body)
