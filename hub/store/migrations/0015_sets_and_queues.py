"""How far a snapshot is applied, told more exactly; and the next events of the inbox, found at once
however many wait."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Lines whose rows are still to be decided one by one, though all others up to `done_line` are done.
LEFT = "alter table stock_snapshot add column left_lines bigint[] not null default '{}'"

# In the order in which they came. The planner thinks that few events wait: left to itself it reads
# all that do, and sorts them, for each thousand that is taken.
DUE = """
create function inbox_due(most bigint, but_for bigint[])
returns table (id bigint, source text, event_id text, tries integer, is_edited boolean, size integer)
language sql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
as $$
    select i.id, i.source, i.event_id, i.attempts - i.attempts_before, i.edited is not null,
           pg_column_size(coalesce(i.edited, i.payload))
    from inbox i
    where i.state = 'PENDING' and (i.not_before is null or i.not_before <= clock_timestamp())
      and i.id not in (select unnest(but_for))
    order by i.id limit most
$$
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0014_source_polls")]
    operations = [ops.RunSQL([LEFT, DUE])]
