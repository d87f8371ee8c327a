-- Mapping profiles become versioned resources: a version is drafted, approved by a second person, retired; who did
-- what stands in a history that is only added to. The state of a version is its newest event, stored nowhere else.

alter table mapping_profile
    add column author_client text references client (id) on delete restrict,
    add column created_at timestamptz not null default clock_timestamp();
create index mapping_profile_author_client on mapping_profile (author_client);
comment on column mapping_profile.author_client is 'Who drafted it; empty for versions that come with the catalogue.';
comment on column mapping_profile.created_at is 'When it was stored.';

create table mapping_profile_event (
    code text not null,
    version integer not null,
    number integer not null check (number > 0),
    from_state text check (from_state in ('draft', 'approved', 'retired')),
    to_state text not null check (to_state in ('draft', 'approved', 'retired')),
    client_id text references client (id) on delete restrict,
    body text references body (code) on delete restrict,
    comment text not null,
    occurred_at timestamptz not null default clock_timestamp(),
    primary key (code, version, number),
    foreign key (code, version) references mapping_profile (code, version) on delete restrict,
    check ((number = 1) = (from_state is null)),
    check (from_state is distinct from to_state)
);
create index mapping_profile_event_client_id on mapping_profile_event (client_id);
create index mapping_profile_event_body on mapping_profile_event (body);
comment on table mapping_profile_event is 'What happened to each version of a mapping profile; the newest event says its state.';
comment on column mapping_profile_event.code is 'Code of the profile.';
comment on column mapping_profile_event.version is 'Which version.';
comment on column mapping_profile_event.number is 'Order of the events of a version, from 1.';
comment on column mapping_profile_event.from_state is 'State before; empty for the first event.';
comment on column mapping_profile_event.to_state is 'State after: draft, approved or retired.';
comment on column mapping_profile_event.client_id is 'Who; empty when the catalogue was loaded.';
comment on column mapping_profile_event.body is 'For which body.';
comment on column mapping_profile_event.comment is 'Why, in words.';
comment on column mapping_profile_event.occurred_at is 'When, by the database clock.';
create trigger mapping_profile_event_append_only before update or delete or truncate on mapping_profile_event
    for each statement execute function refuse_change();

-- What is there came with the catalogue and is in use, unless the catalogue gave it up.
insert into mapping_profile_event (code, version, number, to_state, comment)
select code, version, 1, case when retired_in is null then 'approved' else 'retired' end,
    'catalogue ' || coalesce(retired_in, '')
from mapping_profile;

do $$
begin
    grant select on mapping_profile_event to leleka_app, leleka_reader;
    grant insert on mapping_profile, mapping_profile_event to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on mapping_profile_event were not granted: the roles are not there';
end $$;
