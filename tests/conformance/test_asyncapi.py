"""The AsyncAPI document as the AsyncAPI initiative's own parser reads it."""

from pathlib import Path

from tests.asyncapi_checks import DOCUMENT
from tests.conformance.programs import told_by

COMMITTED = Path(__file__).parents[2] / "schema" / "asyncapi.json"
INFORMATION = 2
"""Severity of what is no complaint, such as that a newer version of AsyncAPI has come out."""


async def test_the_parser_understands_all_of_it() -> None:
    told = await told_by("asyncapi.mjs", COMMITTED)
    assert [one for one in told["complaints"] if one["severity"] < INFORMATION] == []
    assert told["version"] == "3.0.0"
    assert told["channels"] == {
        name: list(channel["messages"]) for name, channel in DOCUMENT["channels"].items()
    }
    assert told["operations"] == list(DOCUMENT["operations"])


async def test_the_parser_complains_about_a_document_that_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    text = COMMITTED.read_text()
    assert '"action": "send"' in text
    wrong.write_text(text.replace('"action": "send"', '"action": "shout"'))
    told = await told_by("asyncapi.mjs", wrong)
    assert [one["severity"] for one in told["complaints"] if one["severity"] < INFORMATION]
