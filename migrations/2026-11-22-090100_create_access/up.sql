-- Who may call, with which public keys, and the log of what was done. No secret is ever stored.

create table client (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9._-]{2,63}$'),
    body text not null references body (code) on delete restrict,
    role text not null,
    state text not null check (state in ('active', 'suspended', 'revoked')),
    created_at timestamptz not null
);
create index client_body on client (body);
comment on table client is 'Registered callers: one client, one body, one role.';
comment on column client.id is 'Client id of OAuth 2.0.';
comment on column client.body is 'The body it speaks for.';
comment on column client.role is 'Its role, which gives its scopes.';
comment on column client.state is 'Active, suspended or revoked.';
comment on column client.created_at is 'When it was registered.';

create table client_key (
    client_id text not null references client (id) on delete restrict,
    kid text not null,
    alg text not null check (alg in ('ES256', 'EdDSA')),
    public_jwk jsonb not null check (not public_jwk ? 'd'),
    not_after timestamptz not null,
    created_at timestamptz not null,
    primary key (client_id, kid),
    check (not_after <= created_at + interval '400 days')
);
comment on table client_key is 'Public keys of clients; at most 400 days old.';
comment on column client_key.client_id is 'Whose key.';
comment on column client_key.kid is 'RFC 7638 thumbprint.';
comment on column client_key.alg is 'The one algorithm the key is used with.';
comment on column client_key.public_jwk is 'The public key as a JWK; a private member is refused.';
comment on column client_key.not_after is 'Last moment at which it is accepted.';
comment on column client_key.created_at is 'When it was registered.';

create table client_assertion (
    client_id text not null references client (id) on delete restrict,
    jti text not null check (length(jti) <= 64),
    expires_at timestamptz not null,
    primary key (client_id, jti)
);
create index client_assertion_expires_at on client_assertion (expires_at);
comment on table client_assertion is 'Client assertions already used; each is good once.';
comment on column client_assertion.client_id is 'Who used it.';
comment on column client_assertion.jti is 'Its identifier.';
comment on column client_assertion.expires_at is 'After this moment the row may be swept.';

create table log_entry (
    id uuid primary key,
    occurred_at timestamptz not null default clock_timestamp(),
    client_id text,
    body text,
    role text,
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    object_type text,
    object_id text,
    outcome text not null check (outcome in ('allowed', 'denied', 'failed')),
    reason_code text,
    request_id uuid,
    payload_sha256 bytea check (payload_sha256 is null or length(payload_sha256) = 32)
);
create index log_entry_occurred_at on log_entry (occurred_at);
comment on table log_entry is 'One entry for each act, in the act''s own transaction; refusals in one of their own.';
comment on column log_entry.id is 'UUIDv7.';
comment on column log_entry.occurred_at is 'When, by the database clock.';
comment on column log_entry.client_id is 'Who; empty when nobody was recognised.';
comment on column log_entry.body is 'For which body.';
comment on column log_entry.role is 'In which role.';
comment on column log_entry.action is 'What, as area.verb.';
comment on column log_entry.object_type is 'Kind of the thing acted on.';
comment on column log_entry.object_id is 'Which one.';
comment on column log_entry.outcome is 'Allowed, denied or failed.';
comment on column log_entry.reason_code is 'Stable code of the reason when not allowed.';
comment on column log_entry.request_id is 'The request it belongs to.';
comment on column log_entry.payload_sha256 is 'SHA-256 of the bytes received.';

-- Refuses any change of what was written once.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger log_entry_append_only before update or delete or truncate on log_entry
    for each statement execute function refuse_change();
