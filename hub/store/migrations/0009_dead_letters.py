"""What became of events that could not be worked at once, and who has done what with them.

An event that is edited keeps the payload it came with, and the digest of that, so that it is still
known when its sender sends it again. `attempts_before` are those made before somebody put it back;
its retries start anew from there. `holds_back` is the key that nothing may overtake while it waits.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

INBOX = [
    """alter table inbox add column edited jsonb,
       add column attempts_before integer not null default 0,
       add column holds_back text""",
    "alter table inbox drop constraint inbox_state_known",
    """alter table inbox add constraint inbox_state_known check (
       state in ('PENDING', 'APPLIED', 'SUPERSEDED', 'DEAD', 'DISCARDED'))""",
]

# First tries that took effect are not in here: the inbox itself says all of those.
HISTORY = """
create table inbox_history (
    inbox_id bigint not null,
    number bigint generated always as identity,
    step text not null,
    actor text not null,
    attempt integer,
    error_code text,
    error text,
    reason text,
    payload jsonb,
    recorded_at timestamptz not null,
    primary key (inbox_id, number)
)
"""

# Of what failed before there was a history the last try is known: without it, it would be no letter.
FAILED_BEFORE = """
insert into inbox_history (inbox_id, step, actor, attempt, error_code, error, recorded_at)
select id, 'FAILED', 'hub', attempts, error_code, error, coalesce(worked_at, received_at)
from inbox where state = 'DEAD' order by id
"""

# Rows of an array of these are encoded in one go, where each element of plain arrays is looked at.
NEW_EVENT = """
create type new_event as (event_id text, type text, payload text, payload_hash bytea)
"""

INDEXES = [
    """create index inbox_waiting on inbox (holds_back, id)
       where state = 'PENDING' and holds_back is not null""",
    # Ids and times rise together, so a range of times is a few blocks.
    "create index inbox_received on inbox using brin (received_at) with (pages_per_range = 16)",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0008_channel_sync")]
    operations = [ops.RunSQL([*INBOX, HISTORY, FAILED_BEFORE, NEW_EVENT, *INDEXES])]
