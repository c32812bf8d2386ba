"""Alerts and notices as those who run the stock, and shoppers, see them."""

from collections.abc import AsyncIterator

import pytest

from hub.cli.serving import Job, running_jobs
from hub.domain.principal import AccessScope, Audience
from hub.settings import AccessToken, Settings
from tests.integration.alerting import followed
from tests.integration.graphql.conftest import Served, serving
from workers.listing import Listing
from workers.passing_time import PassingTime

ALERTS = """
    query ($first: Int, $after: String, $filter: AlertFilter, $state: AlertState) {
      alerts(first: $first, after: $after, filter: $filter, state: $state) {
        edges { node { id condition state sku channel location document facts openedAt resolvedAt
                       acknowledgedAt acknowledgedBy message { code text(locale: "de") } } }
        pageInfo { hasNextPage endCursor } } }
"""
WATCH = """
    subscription ($filter: AlertFilter, $after: String) { alerts(filter: $filter, after: $after) {
      kind cursor alerts { id condition state sku acknowledgedBy } } }
"""
LOW_MUGS = {"filter": {"condition": ["LOW_STOCK"], "sku": "MUG-S", "channel": "web"}}


@pytest.fixture
async def quick(database_url: str) -> AsyncIterator[Served]:
    """A hub with its jobs, whose alerts are over at once. All items are low from the start."""
    settings = Settings(database_url=database_url, development=True, alert_calm_seconds=0)
    async with serving(settings) as served:
        jobs: list[Job] = [Listing(served.services), PassingTime(served.services)]
        await followed(served.services)
        async with running_jobs(jobs):
            yield served


async def test_alerts_are_listed_with_what_they_rest_on_and_in_words(quick: Served) -> None:
    (edge,) = (await quick.ask(ALERTS, **LOW_MUGS))["alerts"]["edges"]
    alert = edge["node"]
    assert (alert["condition"], alert["state"]) == ("LOW_STOCK", "OPEN")
    assert (alert["sku"], alert["channel"], alert["location"]) == ("MUG-S", "web", None)
    assert alert["facts"] == {"count": 5, "mark": 5, "rule": "default"}
    assert alert["message"] == {
        "code": "ALERT_LOW_STOCK",
        "text": "MUG-S wird knapp in web: noch 5, die Marke ist 5",
    }
    assert alert["openedAt"] is not None
    assert alert["resolvedAt"] is None


async def test_alerts_come_in_pages(quick: Served) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = (await quick.ask(ALERTS, first=30, after=after, state="OPEN"))["alerts"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    # 34 items with stock, in two channels.
    assert len(seen) == len(set(seen)) == 68
    assert seen == sorted(seen, key=int, reverse=True)
    for state in ("ACKNOWLEDGED", "RESOLVED"):
        assert (await quick.ask(ALERTS, state=state))["alerts"]["edges"] == []
    error = await quick.refused(ALERTS, after="nonsense")
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_subscriber_is_told_of_an_alert_from_its_beginning_to_its_end(
    quick: Served,
) -> None:
    async with quick.socket() as socket:
        await socket.begin()
        await socket.subscribe("a", WATCH, **LOW_MUGS)
        first = (await socket.data("a"))["alerts"]
        assert first["kind"] == "SNAPSHOT"
        (low,) = first["alerts"]
        seen = await quick.mutate("acknowledgeAlert", "alert { state }", id=low["id"])
        assert seen == {
            "__typename": "AcknowledgeAlertSuccess",
            "alert": {"state": "ACKNOWLEDGED"},
        }
        told = (await socket.data("a"))["alerts"]
        assert (told["kind"], told["alerts"]) == (
            "CHANGE",
            [{**low, "state": "ACKNOWLEDGED", "acknowledgedBy": "local"}],
        )
        await quick.count("MUG-S", 50)
        told = (await socket.data("a"))["alerts"]
        assert [(one["id"], one["state"]) for one in told["alerts"]] == [(low["id"], "RESOLVED")]
        await quick.count("MUG-S", 4)
        told = (await socket.data("a"))["alerts"]
        ((again, state),) = [(one["id"], one["state"]) for one in told["alerts"]]
        assert (again != low["id"], state) == (True, "OPEN")


async def test_who_comes_back_is_told_what_he_missed_and_no_more(quick: Served) -> None:
    mugs = {"filter": {"condition": ["LOW_STOCK", "OUT_OF_STOCK"], "channel": "web"}}
    async with quick.socket() as socket:
        await socket.begin()
        await socket.subscribe("a", WATCH, **mugs)
        cursor = (await socket.data("a"))["alerts"]["cursor"]
    await quick.count("MUG-M", 0)
    async with quick.socket() as socket:
        await socket.begin()
        await socket.subscribe("b", WATCH, **mugs)
        snapshot = (await socket.data("b"))["alerts"]
        out = [one for one in snapshot["alerts"] if one["condition"] == "OUT_OF_STOCK"]
        if not out:
            out = (await socket.data("b"))["alerts"]["alerts"]
        assert [one["sku"] for one in out] == ["MUG-M"]
        await socket.subscribe("c", WATCH, after=cursor, **mugs)
        told = (await socket.data("c"))["alerts"]
        assert (told["kind"], [one["id"] for one in told["alerts"]]) == (
            "RECOVERED",
            [out[0]["id"]],
        )
        await socket.subscribe("d", WATCH, after="999999999:999999999:", **mugs)
        told = (await socket.data("d"))["alerts"]
        assert (told["kind"], len(told["alerts"])) == ("RESET", 35)


async def test_a_shopper_waits_for_an_item_and_changes_his_mind(served: Served) -> None:
    fields = "notice { id state sku channel quantity reference toldAt cancelledAt }"
    wanted = {"sku": "OLD", "reference": "letter-7", "idempotencyKey": "k"}
    told = await served.mutate("notifyWhenBack", fields, **wanted)
    notice = told["notice"]
    assert (notice["state"], notice["channel"], notice["quantity"]) == ("WAITING", "web", 1)
    assert await served.mutate("notifyWhenBack", fields, **wanted) == told
    gone = await served.mutate("cancelNotice", fields, id=notice["id"])
    assert gone["notice"]["state"] == "CANCELLED"
    held = {"lines": [{"sku": "MUG-S", "quantity": 1}], "idempotencyKey": "of a hold"}
    assert (await served.mutate("reserve", "reservation { id }", **held))["reservation"]
    for mutation, given, refusal in (
        ("notifyWhenBack", {"sku": "NONE", "reference": "x"}, "UnknownSku"),
        ("notifyWhenBack", {"sku": "OLD", "reference": "x", "channel": "no"}, "UnknownChannel"),
        ("notifyWhenBack", {"sku": "OLD", "reference": "a@b.c"}, "InvalidInput"),
        ("notifyWhenBack", {**wanted, "reference": "other"}, "IdempotencyMismatch"),
        ("notifyWhenBack", {**wanted, "idempotencyKey": "of a hold"}, "IdempotencyMismatch"),
        ("cancelNotice", {"id": "no"}, "NoticeNotFound"),
        ("acknowledgeAlert", {"id": "no"}, "AlertNotFound"),
    ):
        assert (await served.mutate(mutation, "__typename", **given))["__typename"] == refusal


@pytest.mark.parametrize("more", [AccessScope.ALERTS_READ, AccessScope.ALERTS_WRITE])
def test_who_is_told_bands_can_not_have_alerts(more: AccessScope) -> None:
    with pytest.raises(ValueError, match=more.value):
        AccessToken(name="shop", scopes=frozenset({more}), audience=Audience.BANDS)


async def test_a_shopper_without_credentials_may_wait_and_hears_no_alerts(
    database_url: str,
) -> None:
    settings = Settings(database_url=database_url, anonymous_access=True, max_notices_per_address=1)
    async with serving(settings) as served:
        error = await served.refused(ALERTS)
        assert error["extensions"] == {"code": "FORBIDDEN", "scope": "alerts:read"}
        fields = "notice { state }"
        told = await served.mutate("notifyWhenBack", fields, sku="OLD", reference="x")
        assert told["notice"] == {"state": "WAITING"}
        refused = await served.mutate(
            "notifyWhenBack",
            fields,
            "... on NoticeLimitReached { what limit }",
            sku="TEA",
            reference="x",
            address="10.1.1.1",
        )
        assert (refused["__typename"], refused["what"]) == ("NoticeLimitReached", "address")
        async with served.socket() as socket:
            await socket.begin()
            await socket.subscribe("a", WATCH)
            message = await socket.receive()
            assert "alerts:read" in str(message), message
