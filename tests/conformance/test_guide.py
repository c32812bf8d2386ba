"""What the guide for clients shows is what the tests run."""

import re
import textwrap
from pathlib import Path

import pytest

from tests.conformance.programs import CLIENTS

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "connect-a-client.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN = {
    "Apollo Client": ("apollo.mjs",),
    "urql": ("urql.mjs",),
    "Relay": ("relay.mjs", "relay/relay.config.json", "relay/src/Stock.js"),
    "graphql-ws": ("graphql-ws.mjs",),
    "graphql-sse": ("graphql-sse.mjs",),
    "A browser alone": ("event-source.mjs",),
    "Python gql": ("../test_python_gql.py",),
}


def sections() -> dict[str, str]:
    """The text of each section by its heading."""
    _, *pieces = re.split(r"^## (.+)\n", GUIDE.read_text(), flags=re.MULTILINE)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def commands() -> list[str]:
    """The commands for curl."""
    return [text for language, text in BLOCK.findall(sections()["curl"]) if language == "sh"]


def test_every_section_is_run() -> None:
    assert {*sections()} == {*RUN, "curl"}


@pytest.mark.parametrize("section", RUN)
def test_a_snippet_is_what_the_tests_run(section: str) -> None:
    programs = "\n\n".join(unindented((CLIENTS / name).read_text()) for name in RUN[section])
    blocks = [text for _, text in BLOCK.findall(sections()[section])]
    assert blocks
    for paragraph in "\n".join(blocks).split("\n\n"):
        assert unindented(paragraph) in programs, paragraph


def unindented(text: str) -> str:
    return "\n".join(line.strip() for line in textwrap.dedent(text).strip().splitlines())
