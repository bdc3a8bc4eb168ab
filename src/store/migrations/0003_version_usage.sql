-- Why: a version of an API may be retired only when those who pay for it have left it. This says who
-- still calls what, by day, and outlives the process that counted.
create table version_usage (
  api text not null,
  version text not null,
  operation text not null,
  consumer text not null,
  day date not null,
  calls bigint not null,
  primary key (api, version, operation, consumer, day)
);
comment on table version_usage is 'Calls of versions on their way out that were let through, per UTC day';
