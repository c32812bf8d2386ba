"""The pages of the hub, where they are built and where they are not."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.integration.serving import served
from tests.integration.shop import opened


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A storefront as small as can be."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "main.js").write_text("shop()")
    for page in ("index", "control", "graphiql"):
        (tmp_path / f"{page}.html").write_text(f"<title>{page}</title>")
    return tmp_path


async def test_a_storefront_that_is_not_built_is_not_found(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        opened(database_url, frontend_dir=tmp_path, development=True) as services,
        served(services) as client,
    ):
        with capture_logs() as told:
            for path in ("/", "/items/A-1", "/control", "/graphiql", "/assets/main.js", "/assets/"):
                answer = await client.get(path)
                assert answer.status_code == 404, path
                assert "make setup" in answer.text
        assert told == []


async def test_a_storefront_that_is_built_meanwhile_is_served(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        opened(database_url, frontend_dir=tmp_path) as services,
        served(services) as client,
    ):
        assert (await client.get("/assets/main.js")).status_code == 404
        (tmp_path / "assets").mkdir()
        (tmp_path / "assets" / "main.js").write_text("shop()")
        assert (await client.get("/assets/main.js")).text == "shop()"
        assert (await client.get("/assets/other.js")).status_code == 404


async def test_the_control_room_has_a_page_of_its_own_at_all_of_its_addresses(
    database_url: str, built: Path
) -> None:
    async with (
        opened(database_url, frontend_dir=built) as services,
        served(services) as client,
    ):
        for path in ("/control", "/control/quarantine", "/control/sources/a%2Fb"):
            assert (await client.get(path)).text == "<title>control</title>"
        assert (await client.get("/items/control")).text == "<title>index</title>"


async def test_graphiql_is_served_in_development_only(database_url: str, built: Path) -> None:
    for development in (True, False):
        async with (
            opened(database_url, frontend_dir=built, development=development) as services,
            served(services) as client,
        ):
            page = await client.get("/graphiql")
            assert (await client.get("/")).status_code == 200
        if development:
            assert (page.status_code, page.text) == (200, "<title>graphiql</title>")
        else:
            assert page.status_code == 404
            assert "HUB_DEVELOPMENT" in page.text
