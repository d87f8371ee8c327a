-- Deliveries with their raw bytes and findings, and the ledger of observations.
-- The ledger is append-only and narrow: when, who and why stand once on the submission. The current value of a
-- series and period is the one with the greatest visible position. No foreign key leads out of the ledger: ids
-- come from our own lookup in the same transaction, and a key check would cost more than the insert itself.

create sequence ledger_position as bigint;
comment on sequence ledger_position is 'Position of a submission in the ledger, drawn under its dataflow''s lock.';

create table submission (
    id uuid primary key,
    position bigint unique,
    body text not null references body (code) on delete restrict,
    dataflow text,
    client_id text not null references client (id) on delete restrict,
    kind text not null check (kind in ('original', 'correction')),
    supersedes uuid references submission (id) on delete restrict,
    reason_code text,
    reason_text text,
    comment text,
    state text not null check (state in ('accepted', 'accepted_with_warnings', 'rejected')),
    content_type text not null,
    content_sha256 bytea not null check (length(content_sha256) = 32),
    content_bytes bigint not null check (content_bytes >= 0),
    profile_code text,
    profile_version integer,
    ruleset_version text not null,
    received_at timestamptz not null,
    recorded_at timestamptz not null,
    row_count bigint not null,
    rows_ignored bigint not null,
    rows_refused bigint not null,
    ignored_by_reason jsonb not null,
    observation_count bigint not null,
    new_count bigint not null,
    revised_count bigint not null,
    unchanged_count bigint not null,
    error_count bigint not null,
    warning_count bigint not null,
    check ((state = 'rejected') = (position is null)),
    check (state <> 'rejected' or new_count + revised_count + unchanged_count = 0),
    check ((kind = 'correction') = (supersedes is not null and reason_code is not null) or state = 'rejected'),
    foreign key (profile_code, profile_version) references mapping_profile (code, version) on delete restrict
);
create index submission_body_dataflow on submission (body, dataflow, position);
create index submission_recorded_at on submission (recorded_at) where position is not null;
create index submission_client on submission (client_id);
create index submission_supersedes on submission (supersedes);
create index submission_profile on submission (profile_code, profile_version);
create index submission_content_sha256 on submission (body, content_sha256);
comment on table submission is 'One delivery by one body: what came, when, and what became of it.';
comment on column submission.id is 'UUIDv7.';
comment on column submission.position is 'Place in the ledger; empty when rejected.';
comment on column submission.body is 'Who delivered.';
comment on column submission.dataflow is 'What was delivered; empty when a rejected body did not say.';
comment on column submission.client_id is 'With which credential.';
comment on column submission.kind is 'Original or correction.';
comment on column submission.supersedes is 'The submission that a correction corrects.';
comment on column submission.reason_code is 'Why it was corrected.';
comment on column submission.reason_text is 'The reason in words.';
comment on column submission.comment is 'Remark of the sender.';
comment on column submission.state is 'Accepted, accepted with warnings, or rejected.';
comment on column submission.content_type is 'Media type of the raw bytes.';
comment on column submission.content_sha256 is 'SHA-256 of the raw bytes.';
comment on column submission.content_bytes is 'Size of the raw bytes.';
comment on column submission.profile_code is 'Mapping profile used, if any.';
comment on column submission.profile_version is 'Its version.';
comment on column submission.ruleset_version is 'Version of the checks.';
comment on column submission.received_at is 'When the request came in.';
comment on column submission.recorded_at is 'When it became known: stamped at the end of its transaction; asOf compares with it.';
comment on column submission.row_count is 'Data rows read.';
comment on column submission.rows_ignored is 'Rows that the profile declares to be no data.';
comment on column submission.rows_refused is 'Rows with an error.';
comment on column submission.ignored_by_reason is 'Ignored rows by the reason declared in the profile.';
comment on column submission.observation_count is 'Observations read.';
comment on column submission.new_count is 'Observations not known before.';
comment on column submission.revised_count is 'Observations that replace an earlier version.';
comment on column submission.unchanged_count is 'Observations equal to what was known.';
comment on column submission.error_count is 'Findings of severity error; exact even where not all are kept.';
comment on column submission.warning_count is 'Findings of severity warning.';

create table submission_content (
    sha256 bytea not null check (length(sha256) = 32),
    part integer not null check (part >= 0),
    zstd bytea not null,
    primary key (sha256, part)
);
alter table submission_content alter column zstd set storage external;
comment on table submission_content is 'Raw bytes as received, compressed, in parts, once for each digest.';
comment on column submission_content.sha256 is 'SHA-256 of the uncompressed bytes.';
comment on column submission_content.part is 'Order of the parts, from 0.';
comment on column submission_content.zstd is 'A slice of one zstd stream.';

create table finding (
    submission_id uuid not null references submission (id) on delete restrict,
    number integer not null check (number > 0),
    code text not null,
    severity text not null check (severity in ('error', 'warning', 'info')),
    pointer text,
    row_number bigint,
    line_number bigint,
    column_index integer,
    column_name text,
    field text,
    value text,
    expected text,
    primary key (submission_id, number)
);
comment on table finding is 'Problems of a submission, each at its place.';
comment on column finding.submission_id is 'Whose.';
comment on column finding.number is 'Order in the report.';
comment on column finding.code is 'Stable code.';
comment on column finding.severity is 'Error, warning or info.';
comment on column finding.pointer is 'RFC 6901 pointer into the JSON sent.';
comment on column finding.row_number is 'Data row, from 1.';
comment on column finding.line_number is 'Physical line, from 1.';
comment on column finding.column_index is 'Column, from 1.';
comment on column finding.column_name is 'Its header.';
comment on column finding.field is 'Field of the shared schema.';
comment on column finding.value is 'What was found, at most 64 characters.';
comment on column finding.expected is 'What would be right.';

create table idempotency_key (
    body text not null,
    operation text not null,
    key text not null check (length(key) between 16 and 128),
    fingerprint bytea not null check (length(fingerprint) = 32),
    status smallint not null,
    submission_id uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (body, operation, key)
);
create index idempotency_key_created_at on idempotency_key (created_at);
comment on table idempotency_key is 'Which submission a key made, so that a repeated request gets the same answer; kept 35 days.';
comment on column idempotency_key.body is 'Keys are each body''s own.';
comment on column idempotency_key.operation is 'Operation of the API.';
comment on column idempotency_key.key is 'The key sent.';
comment on column idempotency_key.fingerprint is 'SHA-256 over method, path, query, media type and raw body.';
comment on column idempotency_key.status is 'HTTP status of the answer.';
comment on column idempotency_key.submission_id is 'The submission it made.';
comment on column idempotency_key.created_at is 'When.';

create table series (
    id bigint primary key check (id >= 0),
    key text not null,
    indicator text not null references indicator (code) on delete restrict,
    frequency text not null,
    body text not null references body (code) on delete restrict,
    territory text not null,
    citizenship text not null,
    sex text not null,
    age text not null,
    extra text not null
);
create index series_indicator on series (indicator, territory, citizenship);
create index series_territory on series (territory, indicator);
create index series_body on series (body, indicator);
comment on table series is 'Indicator, frequency, source body and all dimension codes. The id is derived from the key.';
comment on column series.id is '63 bits of the SHA-256 of the key; two keys with one id are refused.';
comment on column series.key is 'The canonical key.';
comment on column series.indicator is 'Indicator.';
comment on column series.frequency is 'SDMX letter, or _O with the length of a range.';
comment on column series.body is 'Source body.';
comment on column series.territory is 'KATOTTH code, UA, or _Z when the indicator has no such dimension.';
comment on column series.citizenship is 'Country code, or _Z.';
comment on column series.sex is 'SDMX CL_SEX, or _Z.';
comment on column series.age is 'SDMX age, or _Z.';
comment on column series.extra is 'Other dimensions as name=CODE, sorted, joined by a semicolon.';

create table observation (
    series_id bigint not null,
    position bigint not null,
    value double precision,
    period date not null,
    row_number integer not null,
    flags integer not null,
    status smallint not null,
    confidentiality smallint not null,
    primary key (series_id, period, position)
);
comment on table observation is 'The ledger: one row for each version of each observation; never updated, never deleted.';
comment on column observation.series_id is 'Which series.';
comment on column observation.position is 'Ledger position of the submission that brought it.';
comment on column observation.value is 'The number; empty when the status carries none.';
comment on column observation.period is 'First day of the period; its length is the series'' frequency.';
comment on column observation.row_number is 'Data row of the submission.';
comment on column observation.flags is 'Statuses beside the main one, one bit each.';
comment on column observation.status is 'Main status, number of SDMX CL_OBS_STATUS in our order.';
comment on column observation.confidentiality is 'Number of SDMX CL_CONF_STATUS in our order.';

create trigger observation_append_only before update or delete or truncate on observation
    for each statement execute function refuse_change();
create trigger submission_append_only before update or delete or truncate on submission
    for each statement execute function refuse_change();
create trigger submission_content_append_only before update or delete or truncate on submission_content
    for each statement execute function refuse_change();
create trigger finding_append_only before update or delete or truncate on finding
    for each statement execute function refuse_change();
create trigger series_append_only before update or delete or truncate on series
    for each statement execute function refuse_change();
