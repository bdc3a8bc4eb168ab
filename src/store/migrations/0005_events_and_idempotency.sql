-- Why: every change of state is told, in the same transaction that makes it. The number in the feed is given
-- after the commit, by whoever reads first, so that a cursor never passes a row that commits late.
create table event (
  id text primary key,
  written bigint generated always as identity,
  feed_seq bigint unique,
  type text not null,
  aggregate_type text not null,
  aggregate_id text not null,
  sequence bigint not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  correlation_id text not null,
  consumer text,
  data text not null,
  unique (aggregate_type, aggregate_id, sequence)
);
create index event_unnumbered on event (written) where feed_seq is null;
comment on column event.consumer is 'Whose aggregate it is; null for nobody''s in particular';
comment on column event.data is 'JSON, as it was written';

-- Why: a caller who did not hear the answer asks again. The answer is kept in the transaction of its effect.
create table idempotency (
  consumer text not null,
  operation text not null,
  key text not null,
  fingerprint text not null,
  status integer not null,
  headers text not null,
  content_type text not null,
  body text not null,
  at bigint not null,
  primary key (consumer, operation, key)
);
create index idempotency_by_age on idempotency (at);
comment on column idempotency.fingerprint is 'SHA-256 of method, path and canonical body';
