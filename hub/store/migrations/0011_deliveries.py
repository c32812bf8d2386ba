"""What came from sources, as it came.

A delivery is one request, file or message of a source, kept with its bytes: what could not be read
of it is not lost, and it can be read again by other settings. Its events are in the inbox, put
there in the same transaction.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Whoever sends the same bytes again, under the same id or under none, sends the same delivery.
DELIVERIES = """
create table delivery (
    id bigint generated always as identity primary key,
    source text not null,
    sender_id text,
    received_at timestamptz not null,
    headers jsonb not null,
    media_type text not null,
    body bytea not null,
    digest bytea not null,
    state text not null,
    report jsonb not null,
    constraint delivery_known unique nulls not distinct (source, sender_id, digest),
    constraint delivery_state_known check (state in ('ACCEPTED', 'REFUSED'))
)
"""

INDEXES = [
    "create index delivery_of_source on delivery (source, id)",
    "create index delivery_refused on delivery (id) where state = 'REFUSED'",
    "create index delivery_received on delivery (received_at)",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0010_sources")]
    operations = [ops.RunSQL([DELIVERIES, *INDEXES])]
