"""Whole snapshots of sources: what has come in, how far it is applied, and what was refused.

The rows of a snapshot are in a table of its own, `stock_snapshot_rows_<id>`, until it is done with:
it is written without a log, and goes at once.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# All lines up to `done_line` are applied or refused. `staged` is how many rows there were to apply:
# where there are fewer now, the database has crashed and lost them.
SNAPSHOT = """
create table stock_snapshot (
    id bigint generated always as identity primary key,
    source text not null,
    name text not null,
    state text not null,
    missing text not null,
    actor text not null,
    locations text[] not null,
    rows bigint not null default 0,
    left_out bigint not null default 0,
    staged bigint not null default 0,
    last_line bigint not null default 0,
    done_line bigint not null default 0,
    applied bigint not null default 0,
    refused bigint not null default 0,
    as_of timestamptz,
    report jsonb not null default '[]',
    received_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz,
    decided_by text,
    reason text,
    finished_at timestamptz,
    unique (source, name),
    constraint stock_snapshot_state_known check (state in (
        'STAGING', 'QUARANTINED', 'APPLYING', 'APPLIED', 'REJECTED', 'EXPIRED', 'LOST')),
    constraint stock_snapshot_missing_known check (missing in ('keep', 'zero'))
)
"""

REFUSAL = """
create table stock_snapshot_refusal (
    snapshot bigint not null,
    line bigint not null,
    column_name text,
    sku text,
    location text,
    code text not null,
    problem text not null,
    primary key (snapshot, line)
)
"""

# What the last whole of a source had, for those whose items are to go to 0 when they are left out.
ITEM = """
create table stock_snapshot_item (
    source text not null,
    sku text not null,
    location text not null,
    primary key (source, sku, location)
)
"""

# What the stock writer's bulk way sends a count in; `content` is the digest of what its entry says.
COUNTED = """
create type counted_position as (
    sku text, location text, place tid, version_read bigint, on_hand bigint, unavailable bigint,
    shortfall bigint, counted_at timestamptz, moved_on_hand bigint, moved_unavailable bigint,
    reason text, content bytea)
"""

INDEXES = [
    """create index stock_snapshot_open on stock_snapshot (id)
       where state in ('STAGING', 'QUARANTINED', 'APPLYING')""",
    """create index stock_snapshot_newest on stock_snapshot (source, as_of)
       where state = 'APPLIED'""",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0011_deliveries")]
    operations = [ops.RunSQL([SNAPSHOT, REFUSAL, ITEM, COUNTED, *INDEXES])]
