"""Sending what was put down for webhooks, and what comes of it."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import structlog

from hub.domain.webhook_signature import signed_headers
from hub.domain.webhooks import DeliveryState, DisabledReason, Try, next_try, pause_until
from hub.observability import metrics
from hub.services.outbound_http import Answer, OutboundHttp
from hub.store.database import Database
from hub.store.webhook_deliveries import (
    Claim,
    Limits,
    Outcome,
    claim_deliveries,
    disable_backlogs,
    settle_delivery,
    take_back_claims,
    tidy_deliveries,
)
from hub.store.webhook_log import forget_deliveries

CLAIM_SLACK_SECONDS: Final = 10.0
"""A claim outlasts the longest request by so much; then its process is taken for dead."""
CAREFUL_AFTER_FAILURES: Final = 3
"""After so many in a row a receiver is asked one thing at a time."""
_HEADERS: Final = {
    "content-type": "application/cloudevents+json; charset=utf-8",
    "user-agent": "availability-hub",
    "accept": "*/*",
}

log = structlog.get_logger()


class WebhookSender:
    """Sends deliveries, each once at a time, by whichever process claims it."""

    def __init__(
        self,
        database: Database,
        http: OutboundHttp,
        now: Callable[[], datetime],
        *,
        requests_each: int,
        timeout_seconds: float,
        max_backlog: int,
        log_days: int,
    ) -> None:
        self._database = database
        self._http = http
        self._now = now
        self._limits = Limits(
            requests_each, CAREFUL_AFTER_FAILURES, timeout_seconds + CLAIM_SLACK_SECONDS
        )
        self._max_backlog = max_backlog
        self._log_days = log_days

    async def claim(self, most: int) -> list[Claim]:
        """What is due now, for this process to send."""
        return await claim_deliveries(self._database, self._now(), most, self._limits)

    async def send(self, claim: Claim) -> None:
        """Send it, and write down what came of it."""
        tried_at = self._now()
        body = claim.payload.encode()
        headers = _HEADERS | signed_headers(claim.secrets, claim.event_id, tried_at, body)
        answer = await self._http.post(claim.url, headers, body)
        outcome = self._outcome(claim, tried_at, answer)
        metrics.webhooks_sent.labels(outcome.state.value).inc()
        metrics.webhook_seconds.observe(answer.seconds)
        disabled = await settle_delivery(self._database, claim, outcome, self._now())
        if disabled is not None:
            self._tell_disabled(claim.webhook, disabled)

    async def look_after(self) -> None:
        """Take back what was claimed by who died, end what is superseded, and disable webhooks for
        which too much waits."""
        now = self._now()
        await take_back_claims(self._database, now)
        await tidy_deliveries(self._database, now)
        for webhook in await disable_backlogs(self._database, self._max_backlog, now):
            self._tell_disabled(webhook, DisabledReason.BACKLOG)

    async def forget_old(self) -> int:
        """Remove what ended long ago from the log; how many deliveries that were."""
        before = self._now() - timedelta(days=self._log_days)
        return await forget_deliveries(self._database, before)

    async def close(self) -> None:
        """Close the connections to receivers."""
        await self._http.close()

    def _outcome(self, claim: Claim, tried_at: datetime, answer: Answer) -> Outcome:
        tried = Try(
            claim.tries, tried_at, answer.seconds, answer.status, answer.error, answer.excerpt
        )
        if answer.status is not None and 200 <= answer.status < 300:
            return Outcome(tried, DeliveryState.DELIVERED)
        if answer.status == HTTPStatus.GONE:
            return Outcome(tried, DeliveryState.FAILED, disable=DisabledReason.GONE)
        now = self._now()
        again = next_try(claim.tries, now, answer.retry_after, random.random)
        if again is None:
            return Outcome(tried, DeliveryState.FAILED)
        pause = pause_until(answer.status, now, answer.retry_after)
        return Outcome(tried, DeliveryState.PENDING, again, pause)

    def _tell_disabled(self, webhook: str, reason: DisabledReason) -> None:
        metrics.webhooks_disabled.labels(reason.value).inc()
        log.error("webhooks.disabled", webhook=webhook, reason=reason.value)
