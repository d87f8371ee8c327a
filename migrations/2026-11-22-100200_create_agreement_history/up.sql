-- An agreement is the work of two parties: every step of it is kept, and what people decided is not overwritten by
-- files. Deadlines and the calendar of working days are data of the catalogue; what the centre decides about one
-- obligation is kept like every other decision.

alter table agreement
    drop constraint agreement_state_check,
    add column version integer not null default 1 check (version > 0),
    add column decided boolean not null default false,
    add column proposal jsonb,
    add constraint agreement_state_check
        check (state in ('proposed', 'changes_requested', 'agreed', 'suspended')),
    add constraint agreement_proposal_check check (proposal is null or state = 'agreed');
comment on column agreement.state is 'Proposed, changes_requested, agreed or suspended; only agreed ones are accepted.';
comment on column agreement.version is 'Grows with each step; a decision names the one it was made on.';
comment on column agreement.decided is 'Whether people have decided on it by the API; the files then no longer change it.';
comment on column agreement.proposal is 'New terms that wait for the body while the old ones are in force.';

create table agreement_event (
    id uuid primary key,
    body text not null,
    indicator text not null,
    version integer not null check (version > 0),
    occurred_at timestamptz not null,
    client_id text,
    client_body text,
    from_state text,
    decision text not null check (decision in ('proposed', 'changes_requested', 'agreed', 'suspended')),
    to_state text not null check (to_state in ('proposed', 'changes_requested', 'agreed', 'suspended')),
    terms jsonb not null,
    comment text,
    unique (body, indicator, version),
    foreign key (body, indicator) references agreement (body, indicator) on delete restrict
);
comment on table agreement_event is 'Each step of an agreement: who, when, from which state to which, on which terms.';
comment on column agreement_event.id is 'UUIDv7, or drawn by the database for a step made by a load of the catalogue.';
comment on column agreement_event.body is 'The body of the agreement.';
comment on column agreement_event.indicator is 'Its indicator.';
comment on column agreement_event.version is 'The version of the agreement that this step made.';
comment on column agreement_event.occurred_at is 'When.';
comment on column agreement_event.client_id is 'By which client; empty for a load of the catalogue.';
comment on column agreement_event.client_body is 'For which body that client acts.';
comment on column agreement_event.from_state is 'State before; empty when the agreement was new.';
comment on column agreement_event.decision is 'What was decided.';
comment on column agreement_event.to_state is 'State after; terms refused while older ones are in force leave it as it was.';
comment on column agreement_event.terms is 'Frequencies, first and last day, and remark that were decided on.';
comment on column agreement_event.comment is 'Why, in words.';
create trigger agreement_event_append_only before update or delete or truncate on agreement_event
    for each statement execute function refuse_change();

create table schedule_document (
    kind text not null check (kind in ('deadlines', 'calendar')),
    number bigint not null check (number > 0),
    version text not null,
    content jsonb not null,
    loaded_at timestamptz not null default clock_timestamp(),
    primary key (kind, number)
);
comment on table schedule_document is 'Rules of deadlines and the calendar of working days, each content that was ever in force.';
comment on column schedule_document.kind is 'Deadlines or calendar.';
comment on column schedule_document.number is 'Order of the contents of a kind; the greatest is in force.';
comment on column schedule_document.version is 'Version that the file names.';
comment on column schedule_document.content is 'The document.';
comment on column schedule_document.loaded_at is 'When it came into force.';
create trigger schedule_document_append_only before update or delete or truncate on schedule_document
    for each statement execute function refuse_change();

create table obligation_decision (
    id uuid primary key,
    body text not null references body (code) on delete restrict,
    dataflow text not null references dataflow (code) on delete restrict,
    frequency text not null check (frequency in ('A', 'S', 'Q', 'M', 'W', 'D')),
    period date not null,
    decision text not null check (decision in ('waived', 'reopened')),
    until timestamptz check (until is null or decision = 'reopened'),
    reason text not null check (length(reason) > 0),
    client_id text not null references client (id) on delete restrict,
    occurred_at timestamptz not null
);
create index obligation_decision_slice on obligation_decision (body, dataflow, frequency, period);
create index obligation_decision_dataflow on obligation_decision (dataflow);
create index obligation_decision_client on obligation_decision (client_id);
comment on table obligation_decision is 'What the centre decided about one body''s dataflow in one period; the newest counts.';
comment on column obligation_decision.id is 'UUIDv7.';
comment on column obligation_decision.body is 'Who owes.';
comment on column obligation_decision.dataflow is 'What.';
comment on column obligation_decision.frequency is 'Length of the period.';
comment on column obligation_decision.period is 'First day of the period.';
comment on column obligation_decision.decision is 'Waived, or reopened.';
comment on column obligation_decision.until is 'A reopened period closes again at this moment; never when empty.';
comment on column obligation_decision.reason is 'Why, in words.';
comment on column obligation_decision.client_id is 'By which client.';
comment on column obligation_decision.occurred_at is 'When.';
create trigger obligation_decision_append_only before update or delete or truncate on obligation_decision
    for each statement execute function refuse_change();

comment on column idempotency_key.submission_id is 'What it made, by operation: a submission, a step of an agreement, a decision on an obligation.';

do $$
begin
    grant select on agreement_event, schedule_document, obligation_decision to leleka_app, leleka_reader;
    grant insert on agreement_event, obligation_decision to leleka_app;
    grant insert, update on agreement to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on the history of agreements were not granted: the roles are not there';
end $$;
