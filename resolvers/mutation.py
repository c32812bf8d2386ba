"""Mutations: what can be changed.

A refusal is raised by the service that was asked; `resolvers.refusals` makes it a member of the
union, or an error at the top where the union has no such member.
"""

import strawberry

from resolvers.alert_queries import AlertMutations
from resolvers.dead_letter_operations import DeadLetterMutations
from resolvers.reconciliation_operations import ReconciliationMutations
from resolvers.reservation_mutations import ReservationMutations
from resolvers.snapshot_operations import SnapshotMutations
from resolvers.source_mutations import SourceMutations
from resolvers.stock_mutations import StockMutations
from resolvers.webhook_mutations import WebhookMutations


@strawberry.type(description="What can be changed.")
class Mutation(
    ReservationMutations,
    StockMutations,
    AlertMutations,
    WebhookMutations,
    DeadLetterMutations,
    SourceMutations,
    SnapshotMutations,
    ReconciliationMutations,
):
    """What can be changed."""
