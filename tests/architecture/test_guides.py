"""What README and the guides show can be asked."""

import json
import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from graphql.validation import KnownFragmentNamesRule, NoUnusedFragmentsRule, specified_rules

from hub.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
API = build_schema((ROOT / "schema" / "schema.graphql").read_text())
DOCUMENT = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BODY = re.compile(r" -d '(\{\s*\"query\".*?)'$", re.DOTALL | re.MULTILINE)
OUTSIDE = re.compile(r"https?://")
RELAY = "@refetchable"
"""Documents with Relay's own directives are for its compiler, which another test runs."""
# A guide may show one fragment of many.
RULES = [
    rule for rule in specified_rules if rule not in (KnownFragmentNamesRule, NoUnusedFragmentsRule)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documents_that_are_shown_are_valid(page: Path) -> None:
    text = page.read_text()
    shown = [*DOCUMENT.findall(text), *(json.loads(one)["query"] for one in BODY.findall(text))]
    for document in (one for one in shown if RELAY not in one):
        assert not validate(API, parse(document), RULES), document


def test_readme_shows_a_query_a_subscription_a_feed_and_a_webhook() -> None:
    shown = [json.loads(one)["query"] for one in BODY.findall(PAGES[0].read_text())]
    assert [one.split()[0] for one in shown] == ["{", "subscription", "mutation"]
    assert "/feeds/availability" in PAGES[0].read_text()


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            assert OUTSIDE.match(link) or (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_setting_is_named_where_operators_read() -> None:
    pages = [ROOT / "docs" / "operations.md", *PAGES]
    named = "\n".join(page.read_text() for page in pages)
    own = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL"}
    missing = [
        name
        for name in Settings.model_fields
        if not re.search(rf"\b{own.get(name, 'HUB_' + name.upper())}\b", named)
    ]
    assert not missing
