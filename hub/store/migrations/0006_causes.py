"""What time alone changes, alerts, and who wants to hear that an item is back.

`change.cause` says why a row is there that nobody's booking has written: TIME where a moment came,
ALERT and NOTICE where only what is told of stock has changed.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

CHANGE = """
alter table change
    add column cause text,
    add column alerts bigint[] not null default '{}',
    add column notices uuid[] not null default '{}',
    add column forecasts text[] not null default '{}'
"""

# Up to which moment it has been told what time has changed. One row; whoever tells has it locked.
MOMENTS = [
    "create table time_progress (told_until timestamptz not null)",
    "insert into time_progress values (now())",
    "create index supply_line_due on supply_line (eta) where received < quantity",
]

# The newest count of each location, and since when it is older than the rules allow.
LOCATION_HEARD = [
    """
create table location_heard (
    location text primary key,
    counted_at timestamptz not null,
    stale_since timestamptz
)
""",
    """
insert into location_heard (location, counted_at)
select location, max(counted_at) from position where counted_at is not null group by location
""",
]

# What a kind of alert has no use for is empty, not null, so that one index knows them all.
ALERT = [
    """
create table alert (
    id bigint generated always as identity primary key,
    kind text not null,
    sku text not null default '',
    channel text not null default '',
    location text not null default '',
    document text not null default '',
    facts jsonb not null default '{}',
    opened_at timestamptz not null,
    clears_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    resolved_at timestamptz,
    constraint alert_kind_known check (kind in (
        'LOW_STOCK', 'OUT_OF_STOCK', 'BACK_IN_STOCK', 'LATE_SUPPLY', 'STALE_COUNTS', 'SHORTFALL')),
    constraint alert_resolved_clears_no_more check (resolved_at is null or clears_at is null)
)
""",
    """create unique index alert_open on alert (sku, kind, channel, location, document)
       where resolved_at is null""",
    "create index alert_unresolved on alert (id) where resolved_at is null",
    "create index alert_clearing on alert (clears_at) where clears_at is not null",
    "create index alert_of_item on alert (sku, id)",
    "create index alert_of_kind on alert (kind, id)",
]

# `place` is the order in which they came. Of who wants to hear nothing is known but a reference,
# which means something to the shop alone.
NOTICE = [
    """
create table notice (
    id uuid primary key,
    place bigint generated always as identity,
    sku text not null,
    channel text not null,
    quantity bigint not null,
    reference text not null,
    owner text not null,
    holder text,
    address text,
    created_at timestamptz not null,
    told_at timestamptz,
    cancelled_at timestamptz,
    constraint notice_ends_once check (told_at is null or cancelled_at is null),
    constraint notice_quantity_positive check (quantity > 0)
)
""",
    """create unique index notice_once on notice (sku, channel, owner, reference)
       where told_at is null and cancelled_at is null""",
    """create index notice_in_line on notice (sku, channel, place)
       where told_at is null and cancelled_at is null""",
    """create index notice_of_holder on notice (holder)
       where told_at is null and cancelled_at is null and holder is not null""",
    """create index notice_of_address on notice (address)
       where told_at is null and cancelled_at is null and address is not null""",
    """create index notice_told on notice (told_at, sku, channel) where told_at is not null""",
    """create index notice_told_of_item on notice (sku, channel, told_at)
       where told_at is not null""",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0005_shorter_words")]
    operations = [
        ops.AddField(
            model_name="PolicyRow", name="low_stock_margin", field=fields.BigIntField(null=True)
        ),
        ops.AddField(
            model_name="PolicyRow", name="stale_count_seconds", field=fields.IntField(null=True)
        ),
        ops.RunSQL([CHANGE, *MOMENTS, *LOCATION_HEARD, *ALERT, *NOTICE]),
    ]
