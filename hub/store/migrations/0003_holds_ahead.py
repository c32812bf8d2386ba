"""What the stock writer sends holds in that it has decided ahead of their locks."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `position` is the number of its position in the batch, `place` its own among the holds there: what
# stands before them is known once the position is locked.
NEW_HOLD = """
create type new_hold as (
    position integer, place integer, units bigint, units_so_far bigint, sku text,
    location text, actor text, source_event text,
    reservation_id uuid, kit text, opens_line smallint)
"""

HOLDS_AT_POSITION = """
create type holds_at_position as (
    sku text, location text, units bigint, entries bigint, must_stay bigint, content bytea)
"""

# Who counts the holds of a holder or an address, and adds to them, keeps others from doing so until
# he has committed. Always after the locks on positions, and in one order. Many share a lock: the
# server has room for some thousands, and a large batch has as many holders. 1752132708 is "hold".
LOCK_HOLDERS = """
create function lock_holders(holders text[], addresses text[]) returns void
language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock(1752132708, k.key) from (
        select (hashtextextended('holder:' || h, 0) & 255)::int as key from unnest(holders) h
        union
        select (hashtextextended('address:' || a, 0) & 255)::int from unnest(addresses) a
        order by key) k;
end $$
"""

# Ends the statement that calls it, and with it the transaction. Volatile: each statement in it sees
# what was committed while its caller waited for locks, and what its caller has written so far.
CHECK_HOLDS = """
create function check_holds(
    written bigint, expected bigint, known_revision bigint, decided_at timestamptz,
    digests bytea[], holders text[], most_of_holder integer, addresses text[],
    most_of_address integer) returns void
language plpgsql volatile as $$
begin
    if written <> expected then
        raise serialization_failure using message = 'a position has not what was decided on';
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
    if holders = '{}' and addresses = '{}' then
        return;
    end if;
    perform lock_holders(holders, addresses);
    if exists (
        select from unnest(holders) h (who) where most_of_holder < (
            select count(*) from reservation r
            where r.state = 'HELD' and r.holder = h.who and r.expires_at > now())
    ) or exists (
        select from unnest(addresses) a (who) where most_of_address < (
            select count(*) from reservation r
            where r.state = 'HELD' and r.address = a.who and r.expires_at > now())
    ) then
        raise serialization_failure using message = 'somebody has more holds than he may';
    end if;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0002_stock_ledger")]
    operations = [ops.RunSQL([NEW_HOLD, HOLDS_AT_POSITION, LOCK_HOLDERS, CHECK_HOLDS])]
