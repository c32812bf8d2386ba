"""Commands that were run, as a person or a script sees them."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

ON_HAND = "select on_hand / 1000 from position where sku = 'A-1' and location = 'BER'"

Run = Callable[..., CompletedProcess[str]]


def printed(ended: CompletedProcess[str], code: int = 0) -> Any:
    """The JSON that a command printed, and nothing else."""
    assert ended.returncode == code, ended.stderr
    return json.loads(ended.stdout)


def one_sentence(ended: CompletedProcess[str]) -> str:
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.splitlines()
    return line
