drop table publication;
drop table told_table;
drop index metric_value_confidential;
alter table schedule_document disable trigger schedule_document_append_only;
delete from schedule_document where kind = 'disclosure';
alter table schedule_document enable trigger schedule_document_append_only;
alter table schedule_document drop constraint schedule_document_kind_check;
alter table schedule_document add constraint schedule_document_kind_check
    check (kind in ('deadlines', 'calendar'));
comment on table schedule_document is 'Rules of deadlines and the calendar of working days, each content that was ever in force.';
comment on column schedule_document.kind is 'Deadlines or calendar.';
