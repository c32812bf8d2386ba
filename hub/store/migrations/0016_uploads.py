"""Files that are uploaded for sources, and what becomes of each of their rows.

The bytes are here, in pieces, so that any process can take them in. They go once that is done.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# What nobody has finished sending belongs to no upload, and goes after a day.
CONTENT = """
create table upload_content (
    id bigint generated always as identity primary key,
    begun_at timestamptz not null default clock_timestamp()
)
"""

PIECE = """
create table upload_piece (
    content bigint not null references upload_content on delete cascade,
    number integer not null,
    bytes bytea not null,
    primary key (content, number)
)
"""

UPLOAD = """
create table upload (
    id bigint generated always as identity primary key,
    source text not null,
    actor text not null,
    name text,
    media_type text not null,
    sender_id text,
    as_of timestamptz,
    configuration jsonb not null,
    digest bytea not null,
    size bigint not null,
    content bigint references upload_content,
    state text not null default 'QUEUED',
    counts jsonb not null default '{}',
    read_bytes bigint not null default 0,
    rows bigint,
    parts integer not null default 0,
    snapshot bigint,
    replies jsonb not null default '[]',
    error_code text,
    error text,
    callback_url text,
    callback_secret text,
    callback_state text,
    callback_tries integer not null default 0,
    received_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    constraint upload_known unique nulls not distinct (source, actor, sender_id, as_of, digest),
    constraint upload_state_known check (state in ('QUEUED', 'RUNNING', 'DONE', 'FAILED')),
    constraint upload_callback_known check (callback_state in ('PENDING', 'DELIVERED', 'FAILED'))
)
"""

ROW = """
create table upload_row (
    upload bigint not null references upload on delete cascade,
    number bigint not null,
    line bigint,
    column_name text,
    status text not null,
    code text,
    reason text,
    event_id text,
    inbox bigint,
    primary key (upload, number)
)
"""

INDEXES = [
    "create index upload_of_actor on upload (actor, id)",
    "create index upload_received on upload (received_at)",
    "create index upload_kept on upload (content) where content is not null",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0015_sets_and_queues")]
    operations = [ops.RunSQL([CONTENT, PIECE, UPLOAD, ROW, *INDEXES])]
