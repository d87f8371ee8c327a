-- Work that goes on after its request was answered: large submissions, recomputation, sweeping. A job is written
-- in the transaction of the act that wants it done, so neither is there without the other.

create table job (
    id uuid primary key,
    kind text not null check (kind ~ '^[a-z][a-z_]*$'),
    body text references body (code) on delete restrict,
    unique_key text unique,
    payload jsonb not null default '{}',
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'dead')),
    attempts integer not null default 0 check (attempts >= 0),
    run_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    progress_done bigint not null default 0 check (progress_done >= 0),
    progress_total bigint check (progress_total >= 0),
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    ended_at timestamptz,
    check ((state = 'running') = (lease_until is not null)),
    check ((state in ('done', 'dead')) = (ended_at is not null))
);
create index job_waiting on job (kind, run_at) where state in ('queued', 'running');
create index job_body on job (body, id);
comment on table job is 'Work that goes on after its request was answered; claimed by one worker at a time under a lease.';
comment on column job.id is 'UUIDv7; a submission''s job has the submission''s id.';
comment on column job.kind is 'What is to be done: submission, metrics_recompute, key_sweep.';
comment on column job.body is 'For which body; empty for the centre''s own work. Bodies take turns.';
comment on column job.unique_key is 'At most one job with this key; when it has ended it may be queued again.';
comment on column job.payload is 'What the work needs beside what is stored already. Never figures.';
comment on column job.state is 'queued: waits for run_at; running: a worker holds it; done; dead: given up.';
comment on column job.attempts is 'How often it was begun; the number also tells a worker that lost its lease from the one that has it.';
comment on column job.run_at is 'Not before this moment.';
comment on column job.lease_until is 'Until then its worker must have said that it lives; afterwards another may begin again.';
comment on column job.progress_done is 'Units done in this attempt: rows read of a submission, metrics recomputed.';
comment on column job.progress_total is 'Units in all, where known.';
comment on column job.last_error is 'Stable code of the last failure.';
comment on column job.created_at is 'When it was queued.';
comment on column job.started_at is 'When it was first begun.';
comment on column job.ended_at is 'When it was done or given up.';

do $$
begin
    grant select on job to leleka_app, leleka_reader;
    grant insert, update on job to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on job were not granted: the roles are not there';
end $$;
