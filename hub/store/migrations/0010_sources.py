"""Sources: who tells the hub of stock, and how that is understood.

The configuration is kept as people wrote it. A version is a number of its own for every put, so
that a source which was removed and put anew is not taken for the one before.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

VERSIONS = "create sequence source_version"

SOURCES = """
create table source (
    name text primary key,
    version bigint not null default nextval('source_version'),
    configuration jsonb not null,
    updated_at timestamptz not null,
    updated_by text not null
)
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0009_dead_letters")]
    operations = [ops.RunSQL([VERSIONS, SOURCES])]
