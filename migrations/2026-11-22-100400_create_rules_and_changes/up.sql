-- Rules over several figures with the versions that were in force, the rule behind a finding, and the feed of
-- changes that other systems follow in place of asking everything again.

alter table finding
    add column rule_id text,
    add column related jsonb;
comment on column finding.rule_id is 'The rule of the catalogue that speaks, for checks over several figures.';
comment on column finding.related is 'The other figures that it is about: series, period, value, row.';

create table rule_set (
    id bigint generated always as identity primary key,
    version text not null,
    content jsonb not null,
    content_sha256 bytea not null check (octet_length(content_sha256) = 32),
    loaded_at timestamptz not null default now()
);
create index rule_set_version on rule_set (version);
comment on table rule_set is 'Sets of rules over several figures; the greatest number is in force. A version never changes.';
comment on column rule_set.id is 'Number, in the order of loading.';
comment on column rule_set.version is 'Version, which stands on every submission.';
comment on column rule_set.content is 'The rules as the catalogue wrote them.';
comment on column rule_set.content_sha256 is 'SHA-256 of the file.';
comment on column rule_set.loaded_at is 'When it was loaded.';
create trigger rule_set_append_only before update or delete or truncate on rule_set
    for each statement execute function refuse_change();

-- The number is drawn under the barrier that also guards the stamping of submissions, which is held shared to
-- commit. Whoever holds it exclusively sees every number drawn so far, and every later one is greater.
create sequence change_number;
create table change_event (
    number bigint primary key,
    recorded_at timestamptz not null,
    kind text not null check (kind ~ '^[a-z_]+\.[a-z_]+$'),
    body text,
    dataflow text,
    object_type text not null,
    object_id text not null,
    details jsonb not null
);
create index change_event_body on change_event (body, number);
comment on table change_event is 'What happened, in the order in which readers may rely on it.';
comment on column change_event.number is 'Place in the feed.';
comment on column change_event.recorded_at is 'When it became known.';
comment on column change_event.kind is 'What happened, as area.word.';
comment on column change_event.body is 'Whose affair it is; empty when it is everybody''s.';
comment on column change_event.dataflow is 'The dataflow concerned.';
comment on column change_event.object_type is 'Kind of the thing that changed.';
comment on column change_event.object_id is 'Which one.';
comment on column change_event.details is 'A few facts more; never figures.';
create trigger change_event_append_only before update or delete or truncate on change_event
    for each statement execute function refuse_change();

do $$
begin
    grant select on rule_set, change_event to leleka_app, leleka_reader;
    grant insert on change_event to leleka_app;
    grant usage on sequence change_number to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on rule_set and change_event were not granted: the roles are not there';
end $$;
