-- Why: stock is never sold twice for demand that we know of. What the ERP says (snapshot), what moved since and
-- what is promised (reservations) are kept apart; the counter adds them up and can be made anew from the rest.
-- Quantities are in millionths of the unit.
create table stock_counter (
  sku text not null,
  location text not null,
  connection text not null,
  uom text not null,
  on_hand bigint not null,
  snapshot_seq bigint,
  snapshot_at bigint not null,
  unabsorbed bigint not null default 0,
  held bigint not null default 0,
  committed bigint not null default 0,
  version bigint not null default 1,
  primary key (sku, location)
);
comment on column stock_counter.on_hand is 'As the newest snapshot of the ERP has it, by the quantity semantics of its connection';
comment on column stock_counter.snapshot_seq is 'The ERP''s change sequence that the snapshot contains; null for an ERP without one';
comment on column stock_counter.snapshot_at is 'Epoch ms at which the snapshot was asked for';
comment on column stock_counter.unabsorbed is 'Sum of the movements that the snapshot does not contain';

create table stock_movement (
  id bigint generated always as identity primary key,
  source text not null,
  source_id text not null,
  sku text not null,
  location text not null,
  delta bigint not null,
  kind text not null,
  occurred_at text not null,
  recorded_at bigint not null,
  ack_seq bigint,
  ack_at bigint,
  contained boolean not null default false,
  fingerprint text not null,
  unique (source, source_id)
);
create index stock_movement_open on stock_movement (sku, location) where not contained;
comment on column stock_movement.occurred_at is 'RFC 3339 with the offset of the place';
comment on column stock_movement.ack_seq is 'The ERP''s change sequence of the posting that acknowledged it';
comment on column stock_movement.contained is 'The newest snapshot contains it; never taken back, as snapshots only get newer';

create table reservation (
  id text primary key,
  consumer text not null,
  channel text not null,
  owner_type text not null,
  owner_id text not null,
  state text not null check (state in ('HELD', 'COMMITTED', 'CONSUMED', 'RELEASED', 'EXPIRED')),
  expires_at bigint not null,
  created_at bigint not null,
  version bigint not null default 1
);
create index reservation_due on reservation (expires_at) where state = 'HELD';

create table reservation_allocation (
  reservation_id text not null references reservation,
  line_id text not null,
  sku text not null,
  location text not null,
  uom text not null,
  quantity bigint not null check (quantity > 0),
  consumed bigint not null default 0 check (consumed >= 0 and consumed <= quantity),
  released bigint not null default 0 check (released >= 0),
  ack_seq bigint,
  ack_at bigint,
  contained boolean not null default false,
  primary key (reservation_id, line_id, location),
  check (consumed + released <= quantity)
);
create index reservation_allocation_by_key on reservation_allocation (sku, location);
comment on column reservation_allocation.contained is 'The ERP has subtracted it itself (NET_OF_ERP_ORDERS), and the newest snapshot shows it';

create table reservation_entry (
  id bigint generated always as identity primary key,
  reservation_id text not null,
  line_id text not null,
  sku text not null,
  location text not null,
  held bigint not null,
  committed bigint not null,
  reason text not null,
  at bigint not null
);
create index reservation_entry_by_key on reservation_entry (sku, location);
create trigger reservation_entry_is_append_only before update or delete or truncate on reservation_entry
  for each statement execute function refuse_change();
