"""What the stock writer needs to write holds that were decided ahead of their locks.

The function ends the statement that calls it, and with it the transaction, if it was decided on
something that has changed; the error tells its sender.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

NEW_HOLD = """
create type new_hold as (
    sku text, location text, version bigint, units bigint, available_after bigint, actor text,
    source_event text, reservation_id uuid, kit text, opens_line smallint, chain bytea)
"""

POSITION_STEP = """
create type position_step as (
    sku text, location text, units bigint, version bigint, chain_before bytea, chain bytea)
"""

# Volatile: each statement in it sees what was committed while the caller waited for its locks.
CHECK_HOLDS = """
create function check_holds(
    written bigint, expected bigint, known_revision bigint, decided_at timestamptz,
    digests bytea[]) returns void
language plpgsql volatile as $$
begin
    if written <> expected then
        raise serialization_failure using message = 'a position has moved';
    end if;
    if (select revision from rules_revision) <> known_revision then
        raise serialization_failure using message = 'the rules have changed';
    end if;
    if abs(extract(epoch from statement_timestamp() - decided_at)) > 1 then
        raise serialization_failure using message = 'the clock of the hub is off';
    end if;
    if exists (
        select from unnest(digests) d (digest), lateral (
            select from idempotency i where i.digest = d.digest offset 0) used
    ) then
        raise unique_violation using message = 'an idempotency key has been answered before';
    end if;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0002_stock_ledger")]
    operations = [ops.RunSQL([NEW_HOLD, POSITION_STEP, CHECK_HOLDS])]
