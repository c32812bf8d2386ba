"""Comparisons of what two sides have, and each item that differs.

Sums and states are kept with the head, so that a list of heads looks at no items.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `causes` holds the sums of all items that differ; only the furthest off are in the table of items.
HEAD = """
create table reconciliation (
    id bigint generated always as identity primary key,
    kind text not null,
    source text not null,
    name text not null,
    policy text not null,
    actor text not null,
    as_of timestamptz,
    compared_at timestamptz not null default clock_timestamp(),
    compared bigint not null,
    drifted bigint not null default 0,
    units bigint not null default 0,
    kept bigint not null default 0,
    refused_rows bigint not null default 0,
    causes jsonb not null default '[]',
    report jsonb not null default '[]',
    open bigint not null default 0,
    asked bigint not null default 0,
    booked bigint not null default 0,
    overtaken bigint not null default 0,
    refused bigint not null default 0,
    note text,
    constraint reconciliation_kind_known check (kind in ('SOURCE', 'CHANNEL')),
    constraint reconciliation_counts_not_negative check (
        open >= 0 and asked >= 0 and booked >= 0 and overtaken >= 0 and refused >= 0)
)
"""

ITEM = """
create table reconciliation_item (
    run bigint not null references reconciliation (id) on delete cascade,
    number bigint not null,
    sku text not null,
    location text not null,
    hub bigint not null,
    source bigint,
    correction bigint not null,
    cause text not null,
    evidence jsonb not null,
    version bigint not null,
    state text not null,
    decided_at timestamptz,
    decided_by text,
    reason text,
    note text,
    primary key (run, number),
    constraint reconciliation_item_state_known check (state in (
        'TOLD', 'OPEN', 'ASKED', 'BOOKED', 'OVERTAKEN', 'REFUSED'))
)
"""

INDEXES = [
    "create index reconciliation_of on reconciliation (source, kind, id)",
    "create index reconciliation_compared on reconciliation (compared_at)",
    """create index reconciliation_item_asked on reconciliation_item (run, number)
       where state = 'ASKED'""",
    "create index inbox_discarded on inbox (id) where state = 'DISCARDED'",
]

# A snapshot that was compared, and not applied.
STATES = [
    "alter table stock_snapshot drop constraint stock_snapshot_state_known",
    """alter table stock_snapshot add constraint stock_snapshot_state_known check (state in (
        'STAGING', 'QUARANTINED', 'APPLYING', 'APPLIED', 'REJECTED', 'EXPIRED', 'LOST',
        'COMPARED'))""",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0016_uploads")]
    operations = [ops.RunSQL([HEAD, ITEM, *INDEXES, *STATES])]
