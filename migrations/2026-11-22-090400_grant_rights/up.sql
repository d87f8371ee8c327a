-- The service works with rights that cannot change what was written: two roles without login, which a
-- connection takes with `set role`. Where the migrating user may not create roles, the database's owner grants
-- the same rights to roles of his own; the triggers guard the ledger in either case.

do $$
begin
    if not exists (select from pg_roles where rolname = 'leleka_app') then
        create role leleka_app nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'leleka_reader') then
        create role leleka_reader nologin;
    end if;
    execute format('grant leleka_app, leleka_reader to %I', current_user);
    grant usage on schema public to leleka_app, leleka_reader;
    grant select on all tables in schema public to leleka_app, leleka_reader;
    grant insert on submission, submission_content, finding, series, observation, log_entry, idempotency_key,
        client_assertion, metric_value, metric_dirty to leleka_app;
    grant delete on metric_dirty, client_assertion, idempotency_key to leleka_app;
    grant update on metric_dirty to leleka_app; -- taking rows with `for update skip locked` needs it
    grant usage on sequence ledger_position to leleka_app;
exception when insufficient_privilege then
    raise notice 'roles leleka_app and leleka_reader were not created: the migrating user may not create roles';
end $$;
