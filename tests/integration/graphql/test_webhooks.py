"""Webhooks over GraphQL: made, changed, tried out and removed by whose they are."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from hub.domain.principal import AccessScope, Audience
from hub.settings import AccessToken, Settings
from tests.integration.graphql.conftest import SEED, Served, serving
from tests.integration.receiver import Receiver, receiving, status
from tests.integration.workers.partners import put_down, send_due

PARTNER = frozenset({AccessScope.AVAILABILITY_READ, AccessScope.WEBHOOKS_WRITE})
TOKENS = {
    "partner": AccessToken(name="partner", scopes=PARTNER),
    "rival": AccessToken(name="rival", scopes=PARTNER | {AccessScope.RESERVATIONS_WRITE}),
    "reader": AccessToken(name="reader", scopes=frozenset({AccessScope.AVAILABILITY_READ})),
    "admin": AccessToken(name="admin", scopes=frozenset({AccessScope.ADMIN})),
}
CREATE = "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename } }"
WEBHOOK = """id owner url description types channels skus categories state disabledReason
    failingSince createdAt secrets { createdAt expiresAt }"""
DELIVERY = """id webhook eventId type subject channel payload state createdAt nextTryAt endedAt
    tries { number triedAt seconds status error excerpt }"""


@pytest.fixture
async def hub_served(database_url: str) -> AsyncIterator[Served]:
    """A hub for partners, whose servers may be on this machine."""
    tokens = {hashlib.sha256(name.encode()).hexdigest(): who for name, who in TOKENS.items()}
    settings = Settings(
        database_url=database_url,
        access_tokens=tokens,
        anonymous_access=True,
        webhook_private_addresses=True,
        max_webhooks=2,
    )
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A partner's server."""
    async with receiving() as one:
        yield one


class Partner:
    """Somebody with a token, and what he asks."""

    def __init__(self, served: Served, name: str | None = "partner") -> None:
        self._http = served.http
        self._headers = {} if name is None else {"authorization": f"Bearer {name}"}

    async def post(self, document: str, **variables: Any) -> Any:
        """The whole answer."""
        body = {"query": document, "variables": variables}
        response: httpx.Response = await self._http.post(
            "/graphql", json=body, headers=self._headers
        )
        return response.json()

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of an operation without errors."""
        answer = await self.post(document, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def refused(self, document: str, **variables: Any) -> str:
        """The code of the only error."""
        (error,) = (await self.post(document, **variables))["errors"]
        return str(error["extensions"]["code"])

    async def mutate(self, mutation: str, success: str, /, **given: Any) -> Any:
        """What became of a mutation."""
        name = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ __typename"
            f" ... on HubError {{ code message }} ... on {name}Success {{ {success} }} }} }}"
        )
        return (await self.ask(document, input=given))[mutation]

    async def create(self, receiver: Receiver, **given: Any) -> Any:
        """A webhook to a receiver, which knows its secret."""
        asked = {"url": receiver.url, "types": ["availability.changed"], **given}
        made = await self.mutate("createWebhook", f"secret webhook {{ {WEBHOOK} }}", **asked)
        assert made["__typename"] == "CreateWebhookSuccess", made
        receiver.secret = made["secret"]
        return made["webhook"]

    async def webhook(self, id: str) -> Any:
        """A webhook as it is now."""
        document = f"query ($id: ID!) {{ webhook(id: $id) {{ {WEBHOOK} }} }}"
        return (await self.ask(document, id=id))["webhook"]

    async def deliveries(self, id: str, **given: Any) -> list[Any]:
        """What a webhook was and is to be sent, the newest first."""
        document = (
            "query ($id: ID!, $state: [WebhookDeliveryState!]) {"
            f" webhookDeliveries(webhook: $id, state: $state) {{ edges {{ node {{ {DELIVERY} }} }}"
            " } }"
        )
        found = await self.ask(document, id=id, **given)
        return [edge["node"] for edge in found["webhookDeliveries"]["edges"]]


async def test_a_webhook_is_led_through_its_life(hub_served: Served, receiver: Receiver) -> None:
    partner, services = Partner(hub_served), hub_served.services
    made = await partner.create(
        receiver, types=["availability.*"], channels=["web"], description="Our shop"
    )
    assert made["owner"] == "partner"
    assert (made["types"], made["channels"], made["skus"]) == (["availability.*"], ["web"], [])
    assert (made["state"], made["disabledReason"], made["failingSince"]) == ("ACTIVE", None, None)
    assert len(made["secrets"]) == 1

    tested = await partner.mutate("testWebhook", f"delivery {{ {DELIVERY} }}", id=made["id"])
    assert (tested["delivery"]["state"], tested["delivery"]["type"]) == ("PENDING", "webhook.test")
    await hub_served.count("MUG-S", 9)
    await put_down(services)
    receiver.next = [status(500, body=b"ill"), status(500)]
    await send_due(services.webhook_sender)
    failing = await partner.ask(
        f"query ($id: ID!) {{ webhook(id: $id) {{ {WEBHOOK} }} }}", id=made["id"]
    )
    assert failing["webhook"]["failingSince"] is not None
    change, test = await partner.deliveries(made["id"])
    assert (change["type"], change["subject"], change["channel"]) == (
        "availability.changed", "MUG-S", "web"
    )  # fmt: skip
    assert change["payload"]["data"]["quantity"] == 9
    assert [one["tries"][0]["status"] for one in (change, test)] == [500, 500]
    assert change["nextTryAt"] is not None

    again = await partner.mutate(
        "replayWebhookDelivery", "delivery { id eventId }", id=change["id"]
    )
    assert again["delivery"]["eventId"] == change["eventId"]
    assert await send_due(services.webhook_sender) == 1
    assert receiver.events[-1]["id"] == change["eventId"]
    (delivered,) = await partner.deliveries(made["id"], state=["DELIVERED"])
    assert delivered["id"] == again["delivery"]["id"]

    changed = await partner.mutate(
        "updateWebhook", f"webhook {{ {WEBHOOK} }}", id=made["id"], skus=["MUG-L"], active=False
    )
    assert changed["webhook"]["skus"] == ["MUG-L"]
    assert changed["webhook"]["channels"] == ["web"]
    assert changed["webhook"]["disabledReason"] == "OWNER"
    refused = await partner.mutate("testWebhook", "delivery { id }", id=made["id"])
    assert refused["code"] == "WEBHOOK_DISABLED"

    assert (await partner.mutate("deleteWebhook", "id", id=made["id"]))["id"] == made["id"]
    assert await partner.webhook(made["id"]) is None


async def test_what_was_missed_is_sent_once_more(hub_served: Served, receiver: Receiver) -> None:
    partner, services = Partner(hub_served), hub_served.services
    made = await partner.create(receiver, channels=["web"])
    receiver.respond = status(410)
    await hub_served.count("MUG-S", 9)
    await put_down(services)
    await send_due(services.webhook_sender)
    receiver.respond = status(200)
    enabled = await partner.mutate("updateWebhook", "webhook { state }", id=made["id"], active=True)
    assert enabled["webhook"]["state"] == "ACTIVE"

    async def replay(**what: Any) -> Any:
        given = {"id": made["id"], "what": what}
        return await partner.mutate("replayWebhook", "deliveries", **given)

    assert (await replay(failed=True))["deliveries"] == 1
    assert await send_due(services.webhook_sender) == 1
    assert (await replay(failed=True))["deliveries"] == 0

    ((_, before),) = [await cursor_of(hub_served, "MUG-M")]
    await hub_served.count("MUG-M", 8)
    await put_down(services)
    await send_due(services.webhook_sender)
    del receiver.received[:]
    assert (await replay(after=before))["deliveries"] is None
    await put_down(services)
    await send_due(services.webhook_sender)
    assert [one["subject"] for one in receiver.events] == ["MUG-M"]
    del receiver.received[:]
    await replay(since="2011-01-18T10:00:00Z")
    await put_down(services)
    await send_due(services.webhook_sender)
    # The log does not reach back so far: a reset, and everything.
    assert receiver.events[0]["type"] == "sync.reset"
    assert {one["subject"] for one in receiver.events[1:]} >= {"MUG-S", "MUG-M", "MUG-L", "OLD"}
    for wrong in ({"failed": False}, {"after": "no cursor"}, {"after": ""}):
        assert (await replay(**wrong))["code"] == "INVALID_INPUT"


async def cursor_of(served: Served, sku: str) -> tuple[str, str]:
    """A cursor as a subscription gives it."""
    events = served.services.watch.availability(SEED, [sku])
    event = await anext(events)
    await events.aclose()
    return sku, event.cursor


async def test_secrets_are_told_once_and_replaced(hub_served: Served, receiver: Receiver) -> None:
    partner = Partner(hub_served)
    made = await partner.create(receiver)
    rotated = await partner.mutate(
        "rotateWebhookSecret", f"secret webhook {{ {WEBHOOK} }}", id=made["id"], overlapSeconds=60
    )
    assert rotated["secret"] != receiver.secret
    old, new = rotated["webhook"]["secrets"]
    assert (old["expiresAt"] is None, new["expiresAt"]) == (False, None)
    known = await partner.mutate(
        "rotateWebhookSecret", "webhook { secrets { expiresAt } }", id=made["id"], overlapSeconds=0
    )
    # Where the old one is known to others, it is good for nothing any more.
    assert known["webhook"]["secrets"] == [{"expiresAt": None}]
    refused = await partner.mutate(
        "rotateWebhookSecret", "secret", id=made["id"], overlapSeconds=10**6
    )
    assert refused["code"] == "INVALID_INPUT"


async def test_a_webhook_is_its_owners_and_an_admins(
    hub_served: Served, receiver: Receiver
) -> None:
    partner, rival, admin = (Partner(hub_served, name) for name in ("partner", "rival", "admin"))
    made = await partner.create(receiver)
    tested = await partner.mutate("testWebhook", "delivery { id }", id=made["id"])
    everybody = "{ webhooks { edges { node { id } } } }"
    for who, sees in ((partner, True), (rival, False), (admin, True)):
        found = (await who.ask(everybody))["webhooks"]["edges"]
        assert [edge["node"]["id"] for edge in found] == ([made["id"]] if sees else [])
        assert (await who.webhook(made["id"]) is not None) is sees
    for mutation, given in (
        ("updateWebhook", {"active": False}),
        ("rotateWebhookSecret", {}),
        ("testWebhook", {}),
        ("replayWebhook", {"what": {"failed": True}}),
        ("deleteWebhook", {}),
    ):
        answer = await rival.mutate(mutation, "__typename", id=made["id"], **given)
        assert answer["code"] == "WEBHOOK_NOT_FOUND"
    replayed = await rival.mutate(
        "replayWebhookDelivery", "__typename", id=tested["delivery"]["id"]
    )
    assert replayed["code"] == "DELIVERY_NOT_FOUND"
    listed = "query ($id: ID!) { webhookDeliveries(webhook: $id) { edges { cursor } } }"
    assert await rival.ask(listed, id=made["id"]) == {"webhookDeliveries": None}
    assert (await admin.mutate("deleteWebhook", "id", id=made["id"]))["id"] == made["id"]


@pytest.mark.parametrize("token", ["reader", None])
async def test_without_the_scope_there_are_no_webhooks(
    hub_served: Served, receiver: Receiver, token: str | None
) -> None:
    stranger = Partner(hub_served, token)
    given = {"url": receiver.url, "types": ["availability.*"]}
    assert await stranger.refused(CREATE, input=given) == "FORBIDDEN"
    assert await stranger.refused("{ webhooks { edges { cursor } } }") == "FORBIDDEN"
    assert await stranger.refused('{ webhook(id: "1") { id } }') == "FORBIDDEN"
    listed = '{ webhookDeliveries(webhook: "1") { edges { cursor } } }'
    assert await stranger.refused(listed) == "FORBIDDEN"
    replay = 'mutation { replayWebhookDelivery(input: {id: "1"}) { __typename } }'
    assert await stranger.refused(replay) == "FORBIDDEN"


async def test_who_may_not_read_something_is_not_told_of_it_either(
    hub_served: Served, receiver: Receiver
) -> None:
    given = {"url": receiver.url, "types": ["reservation.*"]}
    assert await Partner(hub_served, "partner").refused(CREATE, input=given) == "FORBIDDEN"
    assert await Partner(hub_served, "admin").refused(CREATE, input=given) == "FORBIDDEN"
    made = await Partner(hub_served, "rival").ask(CREATE, input=given)
    assert made["createWebhook"]["__typename"] == "CreateWebhookSuccess"
    with pytest.raises(ValueError, match="is told bands"):
        AccessToken(name="page", scopes=PARTNER, audience=Audience.BANDS)


async def test_nobody_has_more_webhooks_than_he_may(hub_served: Served, receiver: Receiver) -> None:
    partner = Partner(hub_served)
    for _ in range(2):
        await partner.create(receiver)
    given = {"url": receiver.url, "types": ["availability.*"]}
    assert await partner.refused(CREATE, input=given) == "LIMIT_EXCEEDED"
    assert (await Partner(hub_served, "rival").create(receiver))["state"] == "ACTIVE"


async def test_what_is_asked_twice_under_a_key_is_done_once(
    hub_served: Served, receiver: Receiver
) -> None:
    partner = Partner(hub_served)
    first = await partner.create(receiver, idempotencyKey="k-1")
    secret = receiver.secret
    again = await partner.create(receiver, idempotencyKey="k-1")
    assert (first, secret) == (again, receiver.secret)
    other = {"url": receiver.url, "types": ["availability.*"], "idempotencyKey": "k-1"}
    answer = await partner.mutate("createWebhook", "secret", **other)
    assert answer["code"] == "IDEMPOTENCY_MISMATCH"
    for mutation, answered in (
        ("rotateWebhookSecret", "secret"),
        ("testWebhook", "delivery { id }"),
        ("deleteWebhook", "id"),
    ):
        given = {"id": first["id"], "idempotencyKey": mutation}
        answers = [await partner.mutate(mutation, answered, **given) for _ in range(2)]
        assert answers[0] == answers[1], mutation
        assert "code" not in answers[0]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"types": []}, "types"),
        ({"types": ["weather.*"]}, "types"),
        ({"url": "ftp://example.com"}, "url"),
        ({"channels": [""]}, "channels"),
        ({"skus": ["x" * 65]}, "skus"),
        ({"categories": [" "]}, "categories"),
        ({"description": "two\nlines"}, "description"),
    ],
)
async def test_what_cannot_be_taken_is_named(
    hub_served: Served, receiver: Receiver, given: dict[str, Any], field: str
) -> None:
    document = (
        "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {"
        " ... on InvalidInput { field message } } }"
    )
    asked = {"url": receiver.url, "types": ["availability.*"], **given}
    answer = (await Partner(hub_served).ask(document, input=asked))["createWebhook"]
    assert answer["field"] == field
