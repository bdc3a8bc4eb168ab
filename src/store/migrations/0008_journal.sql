-- Why: money that is owed or moves is booked twice, in the transaction that changes what it is about. An entry is
-- never changed: the database itself refuses that, and one that does not balance.
create table journal_entry (
  id text primary key,
  n bigint generated always as identity,
  kind text not null,
  book text not null,
  currency text not null,
  cause_type text not null,
  cause_id text not null,
  business_date text not null,
  recorded_at bigint not null,
  unique (cause_type, cause_id, kind, book)
);
comment on column journal_entry.book is 'The legal entity whose books these are';
comment on column journal_entry.kind is 'Which step of what happened: R1 goods are back, R2 the sale is taken back, R3 the money is paid, …';
comment on column journal_entry.business_date is 'Calendar date of the place';

create table journal_line (
  entry_id text not null references journal_entry,
  line integer not null,
  account text not null,
  side text not null check (side in ('D', 'C')),
  amount bigint not null check (amount > 0),
  dimensions text not null,
  primary key (entry_id, line)
);
create index journal_line_by_account on journal_line (account);
comment on column journal_line.amount is 'In the minor unit of the entry''s currency';

create trigger journal_entry_is_append_only before update or delete or truncate on journal_entry
  for each statement execute function refuse_change();
create trigger journal_line_is_append_only before update or delete or truncate on journal_line
  for each statement execute function refuse_change();

create function refuse_imbalance() returns trigger language plpgsql as $$
declare
  difference bigint;
begin
  select coalesce(sum(case side when 'D' then amount else -amount end), 0) into difference
    from journal_line where entry_id = new.entry_id;
  if difference <> 0 then
    raise exception 'journal entry % does not balance: debits less credits are %', new.entry_id, difference;
  end if;
  return null;
end $$;
create constraint trigger journal_entry_balances after insert on journal_line
  deferrable initially deferred for each row execute function refuse_imbalance();
