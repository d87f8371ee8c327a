drop table agreement_term;
drop table metric_run;
delete from metric_dirty where unit is not null;
alter table metric_dirty
    drop column unit,
    drop column recent,
    drop column cells,
    drop column observations,
    drop column positions;
comment on column metric_dirty.key is 'Which key of it; * is every key.';
comment on column metric_dirty.input is 'Which input of its definition changed.';
comment on column metric_dirty.period_from is 'First changed period.';
comment on column metric_dirty.period_to is 'Last changed period.';
comment on column metric_dirty.position is 'The submission that changed it.';
