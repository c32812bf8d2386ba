"""How far a snapshot is applied, once more exactly: lines whose rows are still to be decided one by
one, though all others up to `done_line` are done with."""

from tortoise import migrations
from tortoise.migrations import operations as ops

LEFT = "alter table stock_snapshot add column left_lines bigint[] not null default '{}'"


class Migration(migrations.Migration):
    dependencies = [("hub", "0012_snapshots")]
    operations = [ops.RunSQL([LEFT])]
