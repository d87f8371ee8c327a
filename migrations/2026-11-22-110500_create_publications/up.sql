-- What was told to the public of tables of risk metrics: every answer with the true figures that it was judged by,
-- so that the next answer can be judged together with all earlier ones; and publications that a bulletin can cite.

alter table schedule_document drop constraint schedule_document_kind_check;
alter table schedule_document add constraint schedule_document_kind_check
    check (kind in ('deadlines', 'calendar', 'disclosure'));
comment on table schedule_document is 'Rules of deadlines, the calendar of working days and the thresholds of disclosure control, each content that was ever in force.';
comment on column schedule_document.kind is 'Deadlines, calendar or disclosure.';

create index metric_value_confidential on metric_value (code, period) where 'confidential' = any(flags);

create table told_table (
    number bigint generated always as identity primary key,
    id uuid not null unique,
    code text not null,
    version integer not null,
    span text not null,
    method text not null check (method in ('suppress', 'round')),
    figures_sha256 bytea not null check (octet_length(figures_sha256) = 32),
    rules jsonb not null,
    figures jsonb not null,
    answer jsonb not null,
    data_as_of timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (code, span, figures_sha256),
    foreign key (code, version) references metric_definition (code, version) on delete restrict
);
create index told_table_version on told_table (code, version);
comment on table told_table is 'Every table of a risk metric that was made safe and told; append-only.';
comment on column told_table.number is 'Order of telling.';
comment on column told_table.id is 'UUIDv7.';
comment on column told_table.code is 'Which metric.';
comment on column told_table.version is 'Which version of its definition.';
comment on column told_table.span is 'The period that the table is whole for; the month for weeks and days.';
comment on column told_table.method is 'Suppression or rounding; one for all tables of a span.';
comment on column told_table.figures_sha256 is 'SHA-256 of the true figures and the rules.';
comment on column told_table.rules is 'Threshold, base of rounding and margin that were in force.';
comment on column told_table.figures is 'The true tables and what was told of each cell; never shown.';
comment on column told_table.answer is 'The cells as they were told.';
comment on column told_table.data_as_of is 'The newest vintage among the values.';
comment on column told_table.recorded_at is 'When it was told first.';
create trigger told_table_append_only before update or delete or truncate on told_table
    for each statement execute function refuse_change();

create table publication (
    id uuid primary key,
    code text not null,
    content bytea not null,
    content_sha256 bytea not null check (octet_length(content_sha256) = 32),
    client_id text not null references client (id) on delete restrict,
    recorded_at timestamptz not null default clock_timestamp()
);
create index publication_code on publication (code, id);
create index publication_client on publication (client_id);
comment on table publication is 'Answers that were pinned for citation, byte for byte; append-only.';
comment on column publication.id is 'UUIDv7.';
comment on column publication.code is 'Which metric.';
comment on column publication.content is 'The bytes, JSON.';
comment on column publication.content_sha256 is 'SHA-256 of the bytes.';
comment on column publication.client_id is 'Who pinned it.';
comment on column publication.recorded_at is 'When.';
create trigger publication_append_only before update or delete or truncate on publication
    for each statement execute function refuse_change();

do $$
begin
    grant select on told_table, publication to leleka_app, leleka_reader;
    grant insert on told_table, publication to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on told_table and publication were not granted: the roles are not there';
end $$;
