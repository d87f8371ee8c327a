-- Definitions of risk metrics become versioned resources: a version is proposed, tried, published by a second person,
-- retired; who did what stands in a history that is only added to. The state of a version is its newest event, stored
-- nowhere else: the column `status` goes, and a version is never updated any more.

create table metric_definition_event (
    code text not null,
    version integer not null,
    number integer not null check (number > 0),
    from_state text check (from_state in ('draft', 'published', 'retired')),
    to_state text not null check (to_state in ('draft', 'published', 'retired')),
    client_id text references client (id) on delete restrict,
    body text references body (code) on delete restrict,
    comment text not null,
    occurred_at timestamptz not null default clock_timestamp(),
    primary key (code, version, number),
    foreign key (code, version) references metric_definition (code, version) on delete restrict,
    check ((number = 1) = (from_state is null)),
    check (from_state is distinct from to_state)
);
create index metric_definition_event_client_id on metric_definition_event (client_id);
create index metric_definition_event_body on metric_definition_event (body);
comment on table metric_definition_event is 'What happened to each version of a definition of a risk metric; the newest event says its state.';
comment on column metric_definition_event.code is 'Code of the metric.';
comment on column metric_definition_event.version is 'Which version.';
comment on column metric_definition_event.number is 'Order of the events of a version, from 1.';
comment on column metric_definition_event.from_state is 'State before; empty for the first event.';
comment on column metric_definition_event.to_state is 'State after: draft, published or retired; at most one version of a code is published.';
comment on column metric_definition_event.client_id is 'Who; empty when the catalogue was loaded.';
comment on column metric_definition_event.body is 'For which body.';
comment on column metric_definition_event.comment is 'Why, in words.';
comment on column metric_definition_event.occurred_at is 'When, by the database clock.';
create trigger metric_definition_event_append_only before update or delete or truncate on metric_definition_event
    for each statement execute function refuse_change();

-- What is there came with the catalogue; what was active is published.
insert into metric_definition_event (code, version, number, to_state, comment)
select code, version, 1, case status when 'active' then 'published' else status end, 'catalogue'
from metric_definition;

drop index metric_definition_active;
alter table metric_definition
    drop column status,
    add column author_client text references client (id) on delete restrict,
    add column proposal uuid unique,
    add column note_uk text generated always as (content ->> 'note_uk') stored,
    add column note_en text generated always as (content ->> 'note_en') stored,
    add constraint metric_definition_noted
        check (author_client is null or version = 1 or (note_uk is not null and note_en is not null));
create index metric_definition_author_client on metric_definition (author_client);
comment on column metric_definition.author_client is 'Who proposed it; empty for versions that come with the catalogue.';
comment on column metric_definition.proposal is 'The request that proposed it, so that its repetition finds it.';
comment on column metric_definition.note_uk is 'What this version changes, in Ukrainian, as the content says it.';
comment on column metric_definition.note_en is 'What this version changes, in English, as the content says it.';
create trigger metric_definition_append_only before update or delete or truncate on metric_definition
    for each statement execute function refuse_change();

do $$
begin
    grant select on metric_definition_event to leleka_app, leleka_reader;
    grant insert on metric_definition, metric_definition_event to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on metric_definition_event were not granted: the roles are not there';
end $$;
