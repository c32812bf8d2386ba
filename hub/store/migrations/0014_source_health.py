"""How sources are doing: when each was heard, how often it failed, and what was told of that.

`lowered` are the locations that withhold `withheld` because of it, as the rules have it by now:
what the configuration says may have changed since.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Without `freshness` the source was removed, and what was told of it has still to be taken back.
SOURCE_HEALTH = """
create table source_health (
    source text primary key,
    freshness jsonb,
    locations text[] not null default '{}',
    watched_since timestamptz not null default clock_timestamp(),
    state text not null default 'WAITING',
    since timestamptz not null default clock_timestamp(),
    heard_at timestamptz,
    failed_at timestamptz,
    failing_since timestamptz,
    failures integer not null default 0,
    problem text,
    retry_at timestamptz,
    opened_at timestamptz,
    try_at timestamptz,
    lowered text[] not null default '{}',
    withheld text,
    next_at timestamptz,
    constraint source_health_state_known check (state in (
        'WAITING', 'FRESH', 'LATE', 'FAILING', 'DOUBTFUL', 'STALE', 'CIRCUIT_OPEN'))
)
"""

# Those that were there before are watched from now on.
KNOWN = "insert into source_health (source, freshness) select name, '{}' from source"

ALERT = [
    "alter table alert add column source text not null default ''",
    "alter table alert drop constraint alert_kind_known",
    """alter table alert add constraint alert_kind_known check (kind in (
        'LOW_STOCK', 'OUT_OF_STOCK', 'BACK_IN_STOCK', 'LATE_SUPPLY', 'STALE_COUNTS', 'SHORTFALL',
        'SOURCE_LATE', 'SOURCE_FAILING', 'SOURCE_DOUBTFUL', 'SOURCE_STALE', 'SOURCE_CIRCUIT_OPEN'))
    """,
    "drop index alert_open",
    """create unique index alert_open on alert (sku, kind, channel, location, document, source)
       where resolved_at is null""",
    "create index alert_of_source on alert (source) where source <> '' and resolved_at is null",
]

INDEXES = [
    "create index source_health_due on source_health (next_at) where next_at is not null",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0012_snapshots")]
    operations = [ops.RunSQL([SOURCE_HEALTH, KNOWN, *INDEXES, *ALERT])]
