"""What the other side of each sales channel has, and what it is to have.

One row for each item that is pushed to a target: state, not history. `wanted` is what the hub said
when it was asked last, and `changed_at` is when it has to be asked again; `theirs` is what they
said last, or have acknowledged. Where the two differ there is something to push, once it is due.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `settings` is a digest of what decides what the other side is to have: by others, all is asked and
# told anew. `pushes` moves on with each answer of theirs that is taken in: a request that is repeated because
# its answer was lost has the number, and so the idempotency key, of the first.
TARGETS = """
create table channel_target (
    target text primary key,
    settings text,
    pushes bigint not null default 0,
    problem text,
    problem_since timestamptz,
    pass_asked_at timestamptz,
    pass_began_at timestamptz,
    report jsonb
)
"""

ITEMS = """
create table channel_target_item (
    target text not null,
    sku text not null,
    external_id text not null,
    wanted bigint,
    changed_at timestamptz default now(),
    pending_since timestamptz not null default now(),
    theirs bigint,
    due_at timestamptz not null default now(),
    problem text,
    problem_since timestamptz,
    drifted_to bigint,
    drifted_since timestamptz,
    seen_at timestamptz,
    mapped_at timestamptz not null default now(),
    primary key (target, sku),
    unique (target, external_id)
)
"""

INDEXES = [
    """create index channel_target_item_changed on channel_target_item (target, changed_at)
       where changed_at is not null""",
    """create index channel_target_item_due on channel_target_item (target, due_at)
       where wanted is distinct from theirs""",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0007_events_out")]
    operations = [ops.RunSQL([TARGETS, ITEMS, *INDEXES])]
