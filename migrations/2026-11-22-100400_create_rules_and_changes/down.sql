drop table change_event;
drop sequence change_number;
drop table rule_set;
alter table finding
    drop column rule_id,
    drop column related;
