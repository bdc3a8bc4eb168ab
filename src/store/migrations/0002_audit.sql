-- Why: who changed the policies, when, from what to what, and who tried to. A record is never changed;
-- each holds the digest of the one before it, so that an edit or a gap is found by reading.
create table audit (
  seq bigint primary key,
  at bigint not null,
  who text not null,
  action text not null,
  subject text not null,
  from_revision text,
  to_revision text,
  detail text not null,
  previous_hash text not null,
  hash text not null
);
comment on table audit is 'Administration, one record a deed, chained by digests';
comment on column audit.at is 'epoch ms';
comment on column audit.detail is 'JSON, as it was digested';
comment on column audit.hash is 'SHA-256 over the record and previous_hash, in hex';

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
