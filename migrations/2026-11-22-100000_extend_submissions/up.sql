-- Retraction, partial acceptance, whole replacement, nil reports and soft findings: what a submission may say
-- beyond plain rows, and which slices of a body's dataflow each accepted one touched.

alter table submission
    drop constraint submission_kind_check,
    drop constraint submission_state_check,
    drop constraint submission_check2,
    add column mode text not null default 'merge' check (mode in ('merge', 'replace_slice')),
    add column acceptance text not null default 'all_or_nothing'
        check (acceptance in ('all_or_nothing', 'accept_valid')),
    add column nil_periods text[] not null default '{}',
    add column explanations jsonb not null default '[]',
    add column soft_count bigint not null default 0,
    add column retracted_count bigint not null default 0,
    add column reading jsonb,
    add column validation_id uuid,
    add constraint submission_kind_check check (kind in ('original', 'correction', 'retraction')),
    add constraint submission_state_check
        check (state in ('accepted', 'accepted_with_warnings', 'accepted_partial', 'rejected')),
    add constraint submission_kind_reason_check check (
        (kind in ('correction', 'retraction')) = (supersedes is not null and reason_code is not null)
        or state = 'rejected');
comment on column submission.mode is 'merge: only what is sent changes; replace_slice: what is not sent again is retracted.';
comment on column submission.acceptance is 'all_or_nothing, or accept_valid where the dataflow allows it.';
comment on column submission.nil_periods is 'Periods reported as having nothing to report.';
comment on column submission.explanations is 'What the sender said about implausible figures: code, pointer, text.';
comment on column submission.soft_count is 'Findings that were accepted with an explanation, or refused without one.';
comment on column submission.retracted_count is 'Observations that this submission took back.';
comment on column submission.reading is 'How the file was read when its dialect was detected: encoding, delimiter, header and the like.';
comment on column submission.validation_id is 'The dry run that promised this result.';

alter table finding
    drop constraint finding_severity_check,
    add column explanation text,
    add constraint finding_severity_check check (severity in ('fatal', 'error', 'soft', 'warning', 'info'));
comment on column finding.explanation is 'What the sender said about it.';

-- A slice is one body's dataflow in one period: the unit of replacement, deadline and vintage.
create table slice_version (
    body text not null references body (code) on delete restrict,
    dataflow text not null,
    frequency text not null,
    period date not null,
    position bigint not null,
    nil boolean not null,
    primary key (body, dataflow, frequency, period, position)
);
create index slice_version_position on slice_version (position);
comment on table slice_version is 'Which slices each accepted submission touched; the greatest position of a slice is its version.';
comment on column slice_version.body is 'Whose slice.';
comment on column slice_version.dataflow is 'Of which dataflow.';
comment on column slice_version.frequency is 'Length of the period, as in the key of a series.';
comment on column slice_version.period is 'First day of the period.';
comment on column slice_version.position is 'Ledger position of the submission.';
comment on column slice_version.nil is 'Whether it reported that there is nothing to report.';
create trigger slice_version_append_only before update or delete or truncate on slice_version
    for each statement execute function refuse_change();

alter table dataflow add column partial_allowed boolean not null default false;
comment on column dataflow.partial_allowed is 'Whether a submission may be accepted without its faulty rows.';

do $$
begin
    grant select on slice_version to leleka_app, leleka_reader;
    grant insert on slice_version to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on slice_version were not granted: the roles are not there';
end $$;
