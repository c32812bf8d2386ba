"""How long a statement may take."""

from tests.integration.shop import opened


async def test_statements_have_limits_also_in_a_process_that_has_migrated(
    database_url: str,
) -> None:
    async with opened(database_url) as services:
        (limits,) = await services.database.fetch(
            "select current_setting('statement_timeout') as statement,"
            " current_setting('lock_timeout') as lock"
        )
    assert limits == {"statement": "3s", "lock": "1s"}
