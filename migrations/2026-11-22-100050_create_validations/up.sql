-- What a dry run promised, so that the submission that follows it can be held to the promise for a day.

create table validation (
    id uuid primary key,
    body text not null references body (code) on delete restrict,
    content_sha256 bytea not null check (length(content_sha256) = 32),
    context_sha256 bytea not null check (length(context_sha256) = 32),
    ruleset_version text not null,
    catalogue_generation bigint not null,
    slice_etag text not null,
    outcome jsonb not null,
    created_at timestamptz not null
);
create index validation_body on validation (body);
create index validation_created_at on validation (created_at);
comment on table validation is 'Results that dry runs promised; swept a day later.';
comment on column validation.id is 'Identifier that the submission names, UUIDv7.';
comment on column validation.body is 'To whom it was promised.';
comment on column validation.content_sha256 is 'SHA-256 of the validated bytes.';
comment on column validation.context_sha256 is 'SHA-256 of media type and declarations beside the bytes.';
comment on column validation.ruleset_version is 'Version of the checks.';
comment on column validation.catalogue_generation is 'Which catalogue was read.';
comment on column validation.slice_etag is 'Version of the slices that the body touches.';
comment on column validation.outcome is 'State, counts and the digest of the findings.';
comment on column validation.created_at is 'When; the promise holds for 24 hours.';

do $$
begin
    grant select on validation to leleka_app, leleka_reader;
    grant insert, delete on validation to leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'rights on validation were not granted: the roles are not there';
end $$;
