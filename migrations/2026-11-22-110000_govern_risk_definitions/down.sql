-- A draft would be no version that the program before knows how to make; it stays one.
drop trigger metric_definition_append_only on metric_definition;
alter table metric_definition add column status text;
update metric_definition d set status =
    (select case to_state when 'published' then 'active' else to_state end from metric_definition_event e
     where e.code = d.code and e.version = d.version order by number desc limit 1);
alter table metric_definition
    alter column status set not null,
    add constraint metric_definition_status_check check (status in ('draft', 'active', 'retired')),
    drop constraint metric_definition_noted,
    drop column author_client,
    drop column proposal,
    drop column note_uk,
    drop column note_en;
create unique index metric_definition_active on metric_definition (code) where status = 'active';
comment on column metric_definition.status is 'Draft, active or retired; one active version for each code.';
do $$
begin
    revoke insert on metric_definition from leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on metric_definition were not taken back: the role is not there';
end $$;
drop table metric_definition_event;
