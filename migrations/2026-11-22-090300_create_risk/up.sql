-- Definitions and results of risk metrics. A result is never overwritten: a recomputation that differs adds a
-- row, and what was said on a day is the newest row recorded by then.

create table metric_definition (
    code text not null check (code ~ '^RM_[A-Z0-9_]{1,60}$'),
    version integer not null check (version > 0),
    status text not null check (status in ('draft', 'active', 'retired')),
    content jsonb not null,
    content_sha256 bytea not null check (length(content_sha256) = 32),
    created_at timestamptz not null default clock_timestamp(),
    primary key (code, version)
);
create unique index metric_definition_active on metric_definition (code) where status = 'active';
comment on table metric_definition is 'Versioned definitions of risk metrics; the content of a version never changes.';
comment on column metric_definition.code is 'Stable code.';
comment on column metric_definition.version is 'Version.';
comment on column metric_definition.status is 'Draft, active or retired; one active version for each code.';
comment on column metric_definition.content is 'The definition.';
comment on column metric_definition.content_sha256 is 'SHA-256 of its canonical JSON.';
comment on column metric_definition.created_at is 'When it was added.';

create table metric_value (
    id bigint generated always as identity,
    code text not null,
    version integer not null,
    key text not null,
    dimensions jsonb not null,
    frequency text not null,
    period date not null,
    value double precision,
    unit text not null,
    baseline double precision,
    baseline_upper double precision,
    method text,
    p double precision,
    score double precision,
    level text not null check (level in ('low', 'guarded', 'elevated', 'high', 'critical', 'unknown')),
    reason text,
    flags text[] not null,
    n_inputs integer not null,
    coverage double precision not null,
    n_baseline integer not null,
    data_as_of timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    input_digest bytea not null check (length(input_digest) = 32),
    inputs jsonb not null,
    primary key (code, key, period, id),
    foreign key (code, version) references metric_definition (code, version) on delete restrict,
    check ((level = 'unknown') = (reason is not null))
);
create index metric_value_version on metric_value (code, version);
create index metric_value_period on metric_value (code, period);
comment on table metric_value is 'Results of risk metrics with their inputs; append-only.';
comment on column metric_value.id is 'Order of recording.';
comment on column metric_value.code is 'Which metric.';
comment on column metric_value.version is 'Which version of its definition.';
comment on column metric_value.key is 'The dimensions it is computed by, name=CODE, sorted.';
comment on column metric_value.dimensions is 'The same, as an object.';
comment on column metric_value.frequency is 'SDMX letter.';
comment on column metric_value.period is 'First day of the period.';
comment on column metric_value.value is 'The value; empty with a reason.';
comment on column metric_value.unit is 'Unit of the value.';
comment on column metric_value.baseline is 'What was expected.';
comment on column metric_value.baseline_upper is 'Upper bound of what was expected.';
comment on column metric_value.method is 'Detector that was used.';
comment on column metric_value.p is 'p-value of the detector.';
comment on column metric_value.score is 'Score from 0 to 10.';
comment on column metric_value.level is 'Level; unknown always has a reason.';
comment on column metric_value.reason is 'Why there is no level.';
comment on column metric_value.flags is 'Remarks that travel with the value.';
comment on column metric_value.n_inputs is 'How many observations were used.';
comment on column metric_value.coverage is 'Present cells over expected ones.';
comment on column metric_value.n_baseline is 'How many periods the baseline has.';
comment on column metric_value.data_as_of is 'The vintage of the data it was computed from.';
comment on column metric_value.recorded_at is 'When it was recorded; asOf compares with it.';
comment on column metric_value.input_digest is 'SHA-256 of the sorted observation versions.';
comment on column metric_value.inputs is 'The observation versions of the value itself, as series/day/position; with the vintage they give the whole computation again.';
create trigger metric_value_append_only before update or delete or truncate on metric_value
    for each statement execute function refuse_change();

create table metric_dirty (
    id bigint generated always as identity primary key,
    code text not null,
    key text not null,
    input text not null,
    period_from date not null,
    period_to date not null,
    position bigint not null,
    check (period_to >= period_from)
);
comment on table metric_dirty is 'What an accepted submission touched and the risk engine has yet to recompute.';
comment on column metric_dirty.id is 'Order.';
comment on column metric_dirty.code is 'Which metric.';
comment on column metric_dirty.key is 'Which key of it; * is every key.';
comment on column metric_dirty.input is 'Which input of its definition changed.';
comment on column metric_dirty.period_from is 'First changed period.';
comment on column metric_dirty.period_to is 'Last changed period.';
comment on column metric_dirty.position is 'The submission that changed it.';
