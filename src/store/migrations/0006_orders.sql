-- Why: an order that was accepted is never lost, and reaches each ERP exactly once. What was sent is kept as it
-- came; statuses are derived from the lines' counters; each ERP that gets a part of it has a posting of its own.
create table customer_order (
  id text primary key,
  consumer text not null,
  channel text not null,
  channel_order_id text not null,
  payload_hash text not null,
  document text not null,
  lifecycle text not null check (lifecycle in ('RECEIVED', 'ACCEPTED', 'ON_HOLD', 'REJECTED', 'RELEASED',
    'IN_FULFILMENT', 'FULFILLED', 'CANCELLED', 'CLOSED')),
  reservation_id text,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null,
  policy_revision text not null,
  unique (channel, channel_order_id)
);
comment on column customer_order.document is 'The order as it was sent, JSON';
comment on column customer_order.payload_hash is 'SHA-256 of its canonical JSON: the same order again is known by it';

create table order_line (
  order_id text not null references customer_order,
  line_id text not null,
  position integer not null,
  sku text not null,
  uom text not null,
  ordered bigint not null,
  shipped bigint not null default 0,
  cancelled bigint not null default 0,
  primary key (order_id, line_id),
  check (shipped >= 0 and cancelled >= 0 and shipped + cancelled <= ordered)
);

create table order_hold (
  order_id text not null references customer_order,
  reason text not null,
  detail text not null,
  opened_at bigint not null,
  closed_at bigint
);
create index order_hold_by_order on order_hold (order_id);

create table erp_posting (
  id text primary key,
  order_id text not null references customer_order,
  connection text not null,
  kind text not null check (kind in ('create', 'cancel')),
  reference text not null,
  state text not null check (state in ('PENDING', 'SENDING', 'UNKNOWN', 'CONFIRMED', 'REJECTED', 'DEAD', 'DROPPED')),
  attempts integer not null default 0,
  failures integer not null default 0,
  claimed_until bigint not null default 0,
  due_at bigint not null,
  payload text not null,
  payload_hash text not null,
  erp_number text,
  erp_seq bigint,
  erp_state text,
  cause text,
  last_error text,
  watched_at bigint not null default 0,
  created_at bigint not null,
  updated_at bigint not null,
  unique (connection, kind, reference)
);
create index erp_posting_by_order on erp_posting (order_id);
create index erp_posting_due on erp_posting (due_at) where state in ('PENDING', 'SENDING', 'UNKNOWN');
create index erp_posting_dead on erp_posting (updated_at) where state = 'DEAD';
create index erp_posting_watched on erp_posting (watched_at) where state = 'CONFIRMED' and kind = 'create' and erp_state = 'OPEN';
comment on table erp_posting is 'What one ERP is to be told of one order; also the record of what it said';
comment on column erp_posting.due_at is 'When something is to happen to it; long past, its job was lost with its process';
comment on column erp_posting.failures is 'Attempts that reached the ERP and did not succeed; while it is away none does';
comment on column erp_posting.cause is 'Why it could not be posted: unreachable, busy, session, garbled, unknown, rejected';

create table erp_attempt (
  posting_id text not null references erp_posting,
  n integer not null,
  started_at bigint not null,
  ended_at bigint,
  outcome text,
  detail text,
  primary key (posting_id, n)
);
