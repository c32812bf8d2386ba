"""Events out: how far each consumer of the change log has come, what it told last, and the webhooks
of partners.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# A consumer reads the log in passes. A pass is what a later cursor (`target`) sees and an earlier one
# (`cursor`) did not; it is read in the order of its transactions, and how far is in `after_xid` and
# `after_place`. When the rules get another digest all items are gone through, and those behind
# `sweep_after` still have to be.
# Whoever saves moves `turn` on, and only the one who holds the consumer may.
CONSUMER = """
create table event_consumer (
    name text primary key,
    cursor text not null,
    target text,
    after_xid bigint not null default 0,
    after_place bigint not null default 0,
    rules bytea not null default '',
    sweep_after text,
    sweep_xid bigint not null default 0,
    sweep_tells_all boolean not null default false,
    turn bigint not null default 0,
    holder uuid,
    held_until timestamptz
)
"""

# So that an item which was touched and says the same is no news.
TOLD = """
create table event_told (
    consumer text not null,
    channel text not null,
    sku text not null,
    digest bytea not null,
    primary key (consumer, channel, sku)
)
"""

# An empty array lets everything through. `failing_since` is the first of the tries that have failed
# since one did not.
WEBHOOK = """
create table webhook (
    id uuid primary key,
    owner text not null,
    url text not null,
    description text,
    types text[] not null,
    channels text[] not null,
    skus text[] not null,
    categories text[] not null,
    state text not null,
    disabled_reason text,
    failing_since timestamptz,
    failures integer not null default 0,
    paused_until timestamptz,
    created_at timestamptz not null,
    told_from timestamptz not null,
    constraint webhook_state_known check (state in ('ACTIVE', 'DISABLED'))
)
"""

# As they are: they have to be used to sign.
WEBHOOK_KEY = """
create table webhook_secret (
    webhook_id uuid not null,
    secret text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    primary key (webhook_id, created_at)
)
"""

# `key` is what the event is about: of several, the one with the highest id is sent.
WEBHOOK_DELIVERY = """
create table webhook_delivery (
    id bigint generated always as identity primary key,
    webhook_id uuid not null,
    event_id text not null,
    key text not null,
    type text not null,
    subject text not null,
    channel text,
    payload text not null,
    state text not null default 'PENDING',
    tries integer not null default 0,
    created_at timestamptz not null,
    first_tried_at timestamptz,
    not_before timestamptz not null,
    claimed_until timestamptz,
    ended_at timestamptz,
    constraint webhook_delivery_state_known check (state in (
        'PENDING', 'SENDING', 'DELIVERED', 'FAILED', 'SUPERSEDED'))
)
"""

WEBHOOK_TRY = """
create table webhook_try (
    delivery_id bigint not null,
    number integer not null,
    tried_at timestamptz not null,
    seconds float8,
    status integer,
    error text,
    excerpt text,
    primary key (delivery_id, number)
)
"""

INDEXES = [
    "create index webhook_of_owner on webhook (owner, created_at, id)",
    "create index webhook_delivery_log on webhook_delivery (webhook_id, id)",
    "create index webhook_delivery_of_key on webhook_delivery (webhook_id, key, id)",
    """create index webhook_delivery_due on webhook_delivery (webhook_id, not_before, id)
       where state = 'PENDING'""",
    """create index webhook_delivery_under_way on webhook_delivery (webhook_id, key)
       where state = 'SENDING'""",
    """create index webhook_delivery_failed on webhook_delivery (webhook_id, id)
       where state = 'FAILED'""",
    """create index webhook_delivery_reset on webhook_delivery (webhook_id, id)
       where type = 'sync.reset' and state in ('PENDING', 'SENDING')""",
    """create index webhook_delivery_ended on webhook_delivery (ended_at)
       where ended_at is not null""",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0006_causes")]
    operations = [
        ops.RunSQL([CONSUMER, TOLD, WEBHOOK, WEBHOOK_KEY, WEBHOOK_DELIVERY, WEBHOOK_TRY, *INDEXES])
    ]
