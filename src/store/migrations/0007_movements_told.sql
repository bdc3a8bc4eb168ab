-- Why: movements of stock are told to ERPs as orders are, so a posting need not be about an order; and the
-- parts of an order leave an ERP at different times.
alter table erp_posting alter column order_id drop not null;
alter table erp_posting drop constraint erp_posting_kind_check;
alter table erp_posting add constraint erp_posting_kind_check
  check (kind in ('create', 'cancel', 'movements') and (kind = 'movements') = (order_id is null));
alter table erp_posting add column erp_shipped bigint not null default 0;
comment on column erp_posting.erp_shipped is 'How much of the order had left the ERP in all when it was last looked at, millionths';
