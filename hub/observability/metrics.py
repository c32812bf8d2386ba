"""The metrics of the hub, in Prometheus' form. Names carry their unit."""

from prometheus_client import Counter, Gauge, Histogram

commands = Counter("hub_commands", "Commands that the stock writer has answered")
batch_size = Histogram(
    "hub_writer_batch_commands",
    "Commands written by one transaction",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
)
holds_overtaken = Counter(
    "hub_holds_overtaken",
    "Batches of holds that were decided ahead and, because stock had moved, again under locks",
)
writer_failures = Counter("hub_writer_failures", "Commands that failed for an unexpected reason")
events_received = Counter(
    "hub_events_received", "Events stored in the inbox", labelnames=("source",)
)
polls = Counter("hub_polls", "Sources that were asked, by what became of it", ("source", "outcome"))
failed_jobs = Gauge(
    "hub_failed_jobs", "Background jobs that were given up and wait for a person", ("kind",)
)
events_worked = Counter(
    "hub_events_worked", "Inbox events by what became of them", labelnames=("state",)
)
dead_letters = Gauge(
    "hub_dead_letters", "Events that could not be worked and wait for a person", ("source",)
)
drift_items = Gauge(
    "hub_drift_items",
    "Items that differ by the newest comparison of a source or a sales channel",
    ("kind", "source", "cause"),
)
drift_units = Gauge(
    "hub_drift_units", "By how many units they differ, whichever way", ("kind", "source", "cause")
)
drift_open_items = Gauge(
    "hub_drift_open_items",
    "Items of the newest comparison whose correction waits for a person",
    ("kind", "source"),
)
reconciliation_overdue = Gauge(
    "hub_reconciliation_overdue",
    "1 where a source was not compared for half as long again as it should be",
    ("source",),
)
subscribers = Gauge("hub_subscribers", "Live subscriptions of this process")
feed_readers = Gauge("hub_feed_readers", "Open feeds of this process")
changes_read = Counter("hub_changes_read", "Rows read from the change log")
graphql_seconds = Histogram(
    "hub_graphql_seconds",
    "From the body of a GraphQL request to its answer, streams left out",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
graphql_kept_answers = Counter(
    "hub_graphql_kept_answers", "GraphQL requests answered from what is kept with each item"
)
stock_items_read = Counter(
    "hub_stock_items_read", "Items read from the ledger to be told their availability"
)
stock_items_kept = Gauge("hub_stock_items_kept", "Items kept in this process's cache")
updates_offered = Counter("hub_updates_offered", "Values offered to subscribers' mailboxes")
update_delay_seconds = Histogram(
    "hub_update_delay_seconds",
    "From the recording of a change to its offer to the subscribers",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
audit_findings = Gauge(
    "hub_audit_findings",
    "Rows that break a rule of the ledger, by the newest audit; at most 20 a rule are counted",
    labelnames=("rule",),
)
audit_finished_timestamp_seconds = Gauge(
    "hub_audit_finished_timestamp_seconds", "When the newest audit of this process ended"
)
audit_duration_seconds = Gauge("hub_audit_duration_seconds", "How long the newest audit took")
moments_told = Counter(
    "hub_moments_told", "Items of which time alone has changed what is said of them"
)
alerts_opened = Counter("hub_alerts_opened", "Alerts that were opened by what items have come to")
listing_lag_seconds = Gauge(
    "hub_listing_lag_seconds",
    "Age of the oldest change that the newest step of the listing took in",
)
listing_rows = Counter("hub_listing_rows", "Rows that the listing wrote: new statuses, low stock …")
listing_sweeping = Gauge(
    "hub_listing_sweeping", "1 while all items are gone through because rules have changed"
)
webhooks_sent = Counter(
    "hub_webhooks_sent",
    "Requests to receivers of webhooks, by what became of the delivery: PENDING is tried again",
    labelnames=("state",),
)
webhook_seconds = Histogram(
    "hub_webhook_seconds",
    "How long receivers of webhooks take to answer, or not to",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30),
)
webhooks_disabled = Counter(
    "hub_webhooks_disabled", "Webhooks that the hub has disabled", labelnames=("reason",)
)
channel_pushed = Counter(
    "hub_channel_pushed", "Quantities that the other side has acknowledged", labelnames=("target",)
)
channel_failures = Counter(
    "hub_channel_failures", "Failed tries to reach the other side", labelnames=("target",)
)
channel_items = Gauge(
    "hub_channel_items",
    "Items of a target by state: pending, refused, unknown_there, drifted",
    labelnames=("target", "state"),
)
events_published = Counter(
    "hub_events_published", "Events that a broker has confirmed", labelnames=("topic",)
)
publication_failures = Counter(
    "hub_publication_failures", "Failed tries to publish to a broker", labelnames=("topic",)
)
publication_lag_seconds = Gauge(
    "hub_publication_lag_seconds",
    "Age of the oldest change that is being published; 0 where all are",
    labelnames=("topic",),
)
source_state = Gauge(
    "hub_source_state",
    "1 for the state that a source is in, 0 for all others",
    labelnames=("source", "state"),
)
source_heard_timestamp_seconds = Gauge(
    "hub_source_heard_timestamp_seconds", "When a source was heard last", labelnames=("source",)
)
