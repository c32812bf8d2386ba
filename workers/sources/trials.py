"""Tries what a source would send, without a file: decided as it would be, and nothing is done."""

import hashlib
from collections.abc import Iterable
from typing import Final

from hub.bootstrap import Services
from hub.domain.errors import LimitExceeded
from hub.domain.principal import AccessScope, Principal
from hub.domain.source_deliveries import DeliveryFinding, delivery_finding
from hub.services.snapshots import Judged
from hub.services.source_trials import Trial, Tried, TriedSnapshot
from workers.formats.reading import Finding
from workers.formats.registry import FORMATS
from workers.sources.drafts import Arrival
from workers.sources.files import rehearse_sent
from workers.sources.report import end_of
from workers.sources.sent import KEY_CHARACTERS, sent_bytes

MAX_TRIED_BYTES: Final = 262_144
"""More is for the command line: a trial has to end while somebody waits for the answer."""


async def try_source(services: Services, principal: Principal, tried: Tried) -> Trial:
    """What would become of some content. Raises `Forbidden` for who is no admin, `LimitExceeded`,
    and `InvalidInput` for settings that can not be and for what is not of the format at all."""
    principal.require(AccessScope.ADMIN)
    services.sources.check(tried.source)
    size = len(tried.content)
    if size > MAX_TRIED_BYTES:
        raise LimitExceeded(what="The content in bytes", limit=MAX_TRIED_BYTES, actual=size)
    key = hashlib.sha256(tried.content).hexdigest()[:KEY_CHARACTERS]
    now = services.clock.now()
    sent = sent_bytes(tried.content, Arrival(key, now, tried.as_of or now), {}, tried.name)
    format = FORMATS[tried.source.format]
    report = await rehearse_sent(services, tried.source, format, sent, lambda done, total: None)
    counts = report.counts
    return Trial(
        read=counts["read"],
        mapped=counts["mapped"],
        ignored=counts["ignored"],
        refused=counts["refused"],
        warnings=counts["warnings"],
        unchanged=counts["unchanged"],
        refused_rows=_told(report.refused),
        warning_rows=_told(report.warnings),
        snapshot=None if report.snapshot is None else _snapshot(report.snapshot),
        positions=counts["positions"],
        before=report.before,
        after=report.after,
        moves=tuple(report.moves),
    )


def _told(findings: Iterable[Finding]) -> tuple[DeliveryFinding, ...]:
    return tuple(
        delivery_finding(one.severity.value, one.code, one.problem, *one.place) for one in findings
    )


def _snapshot(judged: Judged) -> TriedSnapshot:
    return TriedSnapshot(end_of(judged), judged.left_out, tuple(judged.tripped))
