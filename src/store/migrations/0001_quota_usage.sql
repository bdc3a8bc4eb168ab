-- Why: a plan's quota runs for a day or a month. A process that counts alone must not forget it when
-- it restarts, or every deployment would give each consumer a new quota.
create table quota_usage (
  consumer text not null,
  period text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  used bigint not null,
  primary key (consumer, period, starts_at)
);
comment on table quota_usage is 'Units that a consumer has used of its quota, one row per running period';
comment on column quota_usage.period is 'hour, day, week or month';
comment on column quota_usage.starts_at is 'epoch ms, in the calendar of the plan''s time zone';
