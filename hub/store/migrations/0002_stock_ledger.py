"""The ledger, the inbox and the change log.

Movements are kept by the month in which they were recorded; the last partition takes what no month
is made for. The types named `new_…` are what the stock writer sends its rows in.

No foreign keys between ledger tables: they cost a third of the write rate, and the audit checks
what they would. The CHECK constraints are the last wall against an oversell.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

POSITION = """
create table position (
    sku text not null,
    location text not null,
    on_hand bigint not null,
    unavailable bigint not null,
    allocated bigint not null,
    reserved bigint not null,
    backordered bigint not null,
    incoming bigint not null,
    shortfall bigint not null,
    version bigint not null,
    counted_at timestamptz,
    counted_through timestamptz,
    chain bytea,
    primary key (sku, location),
    constraint position_parts_not_negative check (
        unavailable >= 0 and allocated >= 0 and reserved >= 0 and backordered >= 0
        and incoming >= 0 and shortfall >= 0 and version >= 0),
    constraint position_not_oversold check (
        on_hand - unavailable - allocated - reserved >= -shortfall)
) with (fillfactor = 50)
"""

MOVEMENT_COLUMNS = """
    sku text{0},
    location text{0},
    version bigint{0},
    kind text{0},
    on_hand bigint{0},
    unavailable bigint{0},
    allocated bigint{0},
    reserved bigint{0},
    backordered bigint{0},
    incoming bigint{0},
    available_after bigint{0},
    cause text{0},
    actor text{0},
    source_event text,
    reservation_id uuid,
    order_id text,
    reason text,
    document text,
    kit text,
    opens_line smallint,
    chain bytea"""

MOVEMENT = f"""
create table movement ({MOVEMENT_COLUMNS.format(" not null")},
    recorded_at timestamptz not null,
    constraint movement_reserves_what_is_free check (
        kind <> 'RESERVED' or available_after >= 0)
) partition by range (recorded_at)
"""

NEW_MOVEMENT = f"create type new_movement as ({MOVEMENT_COLUMNS.format('')})"

MOVEMENT_REST = [
    "create table movement_rest partition of movement default",
    "alter table movement_rest add primary key (sku, location, version)",
]

RESERVATION = """
create table reservation (
    id uuid primary key,
    state text not null,
    channel text not null,
    holder text,
    address text,
    stage text not null,
    first_stage text not null,
    order_id text,
    ordered_at timestamptz,
    ttl_seconds integer,
    created_at timestamptz not null,
    expires_at timestamptz,
    ended_reason text,
    version integer not null,
    idempotency_digest bytea,
    request_hash bytea,
    constraint reservation_state_known check (state in (
        'HELD', 'COMMITTED', 'FULFILLED', 'RELEASED', 'EXPIRED', 'CANCELLED')),
    constraint reservation_held_ends check (state <> 'HELD' or expires_at is not null)
)
"""

NEW_RESERVATION = """
create type new_reservation as (
    id uuid, state text, channel text, holder text, address text, stage text, order_id text,
    ordered_at timestamptz, ttl_seconds integer, idempotency_digest bytea, request_hash bytea)
"""

RESERVATION_LINE = """
create table reservation_line (
    reservation_id uuid not null,
    line smallint not null,
    sku text not null,
    location text not null,
    quantity bigint not null,
    held bigint not null,
    backordered bigint not null,
    allocated bigint not null,
    fulfilled bigint not null,
    released bigint not null,
    moved bigint not null,
    returned bigint not null,
    kit text,
    document text,
    since_version integer not null,
    promised_at timestamptz,
    primary key (reservation_id, line),
    constraint reservation_line_adds_up check (
        quantity = held + backordered + allocated + fulfilled + released + moved),
    constraint reservation_line_parts_not_negative check (
        quantity > 0 and held >= 0 and backordered >= 0 and allocated >= 0 and fulfilled >= 0
        and released >= 0 and moved >= 0 and returned between 0 and fulfilled)
)
"""

SUPPLY_LINE = """
create table supply_line (
    sku text not null,
    location text not null,
    document text not null,
    quantity bigint not null,
    received bigint not null,
    eta timestamptz not null,
    told_at timestamptz,
    primary key (sku, location, document),
    constraint supply_line_parts_not_negative check (quantity >= 0 and received >= 0)
)
"""

IDEMPOTENCY = """
create table idempotency (
    digest bytea primary key,
    request_hash bytea not null,
    outcome text not null,
    recorded_at timestamptz not null
)
"""

CHANGE = """
create table change (
    xid xid8 not null default pg_current_xact_id(),
    skus text[] not null default '{}',
    reservations uuid[] not null default '{}',
    rules boolean not null default false,
    recorded_at timestamptz not null
)
"""

INBOX = """
create table inbox (
    id bigint generated always as identity primary key,
    source text not null,
    event_id text not null,
    type text not null,
    payload jsonb not null,
    payload_hash bytea not null,
    state text not null default 'PENDING',
    attempts integer not null default 0,
    note text,
    error_code text,
    error text,
    received_at timestamptz not null default clock_timestamp(),
    not_before timestamptz,
    worked_at timestamptz,
    unique (source, event_id),
    constraint inbox_state_known check (state in ('PENDING', 'APPLIED', 'SUPERSEDED', 'DEAD'))
)
"""

RULES_REVISION = [
    "create table rules_revision (revision bigint not null)",
    "insert into rules_revision values (0)",
]

INDEXES = [
    """create index reservation_to_expire on reservation (expires_at)
       where expires_at is not null and state in ('HELD', 'COMMITTED')""",
    "create index reservation_of_order on reservation (order_id) where order_id is not null",
    """create index reservation_ordered on reservation (ordered_at)
       where ordered_at is not null""",
    """create index reservation_of_holder on reservation (holder)
       where state = 'HELD' and holder is not null""",
    """create index reservation_of_address on reservation (address)
       where state = 'HELD' and address is not null""",
    """create unique index reservation_by_key on reservation (idempotency_digest)
       where idempotency_digest is not null""",
    """create index reservation_line_live on reservation_line (sku, location)
       where held + backordered + allocated > 0""",
    "create index reservation_line_waiting on reservation_line (sku) where backordered > 0",
    "create index position_short on position (sku, location) where shortfall > 0",
    "create index position_waiting on position (sku, location) where backordered > 0",
    """create index supply_line_open on supply_line (sku, location, eta)
       where received < quantity""",
    "create index change_by_xid on change (xid)",
    "create index inbox_pending on inbox (id) where state = 'PENDING'",
    "create index inbox_dead on inbox (id) where state = 'DEAD'",
    "create index item_by_name on item (name, sku)",
    "create index item_by_family on item (family) where family is not null",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_catalogue")]
    operations = [
        ops.RunSQL(
            [
                POSITION,
                MOVEMENT,
                NEW_MOVEMENT,
                *MOVEMENT_REST,
                RESERVATION,
                NEW_RESERVATION,
                RESERVATION_LINE,
                SUPPLY_LINE,
                IDEMPOTENCY,
                CHANGE,
                INBOX,
                *RULES_REVISION,
                *INDEXES,
            ]
        )
    ]
