-- Alerts of the risk engine and what people decide about them, and analysts' assessments beside the computed levels.
-- An alert is a row that never changes; where it stands is its newest event, stored nowhere else.

create table alert (
    id uuid primary key,
    code text not null,
    key text not null,
    dimensions jsonb not null,
    frequency text not null,
    opened_period date not null,
    opened_at timestamptz not null default clock_timestamp()
);
create index alert_code on alert (code, key, opened_period);
comment on table alert is 'Alerts: a metric and key whose level became unusual. Append-only.';
comment on column alert.id is 'Identifier, UUIDv7.';
comment on column alert.code is 'Which metric.';
comment on column alert.key is 'Which key of it, name=CODE, sorted.';
comment on column alert.dimensions is 'The same, as an object.';
comment on column alert.frequency is 'SDMX letter of the metric.';
comment on column alert.opened_period is 'First day of the period that opened it.';
comment on column alert.opened_at is 'When it was opened.';
create trigger alert_append_only before update or delete or truncate on alert
    for each statement execute function refuse_change();

create table alert_event (
    alert_id uuid not null references alert (id) on delete restrict,
    number integer not null check (number > 0),
    kind text not null check (kind in ('raised', 'escalated', 'revised', 'acknowledged', 'assessed', 'closed', 'reopened')),
    state text not null check (state in ('open', 'acknowledged', 'assessed', 'closed')),
    period date not null,
    level_from text check (level_from in ('low', 'guarded', 'elevated', 'high', 'critical', 'unknown')),
    level_to text check (level_to in ('low', 'guarded', 'elevated', 'high', 'critical', 'unknown')),
    peak text not null check (peak in ('low', 'guarded', 'elevated', 'high', 'critical', 'unknown')),
    q double precision,
    verdict text check (verdict in ('real', 'known_event', 'data_error', 'false')),
    value_id bigint,
    cause_submission uuid references submission (id) on delete restrict,
    client_id text references client (id) on delete restrict,
    body text references body (code) on delete restrict,
    note text,
    occurred_at timestamptz not null default clock_timestamp(),
    primary key (alert_id, number),
    check ((number = 1) = (kind = 'raised')),
    check ((client_id is null) = (note is null)),
    check (kind <> 'revised' or value_id is not null)
);
create index alert_event_cause_submission on alert_event (cause_submission);
create index alert_event_client_id on alert_event (client_id);
create index alert_event_body on alert_event (body);
create index alert_event_occurred_at on alert_event (occurred_at);
comment on table alert_event is 'What happened to each alert, by the engine or by people; append-only.';
comment on column alert_event.alert_id is 'Which alert.';
comment on column alert_event.number is 'Order of the events of an alert, from 1.';
comment on column alert_event.kind is 'What happened.';
comment on column alert_event.state is 'State of the alert after it.';
comment on column alert_event.period is 'First day of the period concerned; with decisions of people, the newest period they could see.';
comment on column alert_event.level_from is 'Level before.';
comment on column alert_event.level_to is 'Level after.';
comment on column alert_event.peak is 'Highest level since the alert opened.';
comment on column alert_event.q is 'q-value of the period, where it was needed.';
comment on column alert_event.verdict is 'Verdict in force after the event.';
comment on column alert_event.value_id is 'The value of the metric that it rests on.';
comment on column alert_event.cause_submission is 'The submission that made the level another one.';
comment on column alert_event.client_id is 'Who; empty when the engine acted.';
comment on column alert_event.body is 'For which body.';
comment on column alert_event.note is 'Why, in words of who decided.';
comment on column alert_event.occurred_at is 'When, by the database clock.';
create trigger alert_event_append_only before update or delete or truncate on alert_event
    for each statement execute function refuse_change();

create table alert_due (
    id bigint generated always as identity primary key,
    code text not null
);
comment on table alert_due is 'Metrics of which values were recorded that alerts have yet to follow.';
comment on column alert_due.id is 'Order.';
comment on column alert_due.code is 'Which metric.';

create table risk_assessment (
    number bigint generated always as identity,
    id uuid primary key,
    code text,
    key text,
    dimensions jsonb not null,
    frequency text,
    period date,
    component text check (component in ('threat.magnitude', 'threat.likelihood', 'vulnerability', 'impact')),
    level text not null check (level in ('low', 'guarded', 'elevated', 'high', 'critical')),
    confidence text not null check (confidence in ('low', 'moderate', 'high')),
    text_uk text not null,
    text_en text,
    expires_at timestamptz,
    client_id text not null references client (id) on delete restrict,
    body text not null references body (code) on delete restrict,
    occurred_at timestamptz not null default clock_timestamp(),
    check ((code is null) = (key is null)),
    check ((code is null) <> (component is null)),
    check ((period is null) = (frequency is null))
);
create unique index risk_assessment_number on risk_assessment (number);
create index risk_assessment_subject on risk_assessment (code, key, number);
create index risk_assessment_client_id on risk_assessment (client_id);
create index risk_assessment_body on risk_assessment (body);
comment on table risk_assessment is 'Judgements of analysts, beside the computed levels and never in their place; a newer one supersedes. Append-only.';
comment on column risk_assessment.number is 'Order of recording.';
comment on column risk_assessment.id is 'Identifier, UUIDv7.';
comment on column risk_assessment.code is 'Which metric; empty when a component of CIRAM is judged.';
comment on column risk_assessment.key is 'Which key of it, name=CODE, sorted.';
comment on column risk_assessment.dimensions is 'The dimensions judged, as an object.';
comment on column risk_assessment.frequency is 'SDMX letter of the period.';
comment on column risk_assessment.period is 'First day of the period judged; empty when no period is meant.';
comment on column risk_assessment.component is 'Component of CIRAM; empty when a metric is judged.';
comment on column risk_assessment.level is 'Level, as judged.';
comment on column risk_assessment.confidence is 'How sure the analyst is.';
comment on column risk_assessment.text_uk is 'The judgement in Ukrainian.';
comment on column risk_assessment.text_en is 'The judgement in English.';
comment on column risk_assessment.expires_at is 'It does not hold any more from this moment; never when empty.';
comment on column risk_assessment.client_id is 'Who judged.';
comment on column risk_assessment.body is 'For which body.';
comment on column risk_assessment.occurred_at is 'When, by the database clock.';
create trigger risk_assessment_append_only before update or delete or truncate on risk_assessment
    for each statement execute function refuse_change();

do $$
begin
    grant select on alert, alert_event, alert_due, risk_assessment to leleka_app, leleka_reader;
    grant insert on alert, alert_event, alert_due, risk_assessment to leleka_app;
    grant delete on alert_due to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on alerts were not granted: the roles are not there';
end $$;

-- What is there already may hold alerts too.
insert into alert_due (code) select distinct code from metric_definition order by code;
