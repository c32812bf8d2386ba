"""Sources that are asked: when next, and what is remembered of the last time.

A turn is a number of its own for every poll there is to be, so that a job whose turn has passed, or
whose source was removed and put anew, is not taken for the one that is due.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

TURNS = "create sequence source_poll_turn"

POLLS = """
create table source_poll (
    source text primary key,
    source_version bigint not null,
    turn bigint not null default nextval('source_poll_turn'),
    next_at timestamptz not null default clock_timestamp(),
    state jsonb not null,
    last_at timestamptz,
    outcome text,
    problem text,
    report jsonb not null default '{}',
    constraint source_poll_outcome_known check (
        outcome in ('TAKEN', 'UNCHANGED', 'REFUSED', 'FAILED', 'PUT_OFF'))
)
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0013_source_health")]
    operations = [ops.RunSQL([TURNS, POLLS])]
