-- Roles belong to the whole cluster and may be in use by another database: they stay, without rights here.
do $$
begin
    if exists (select from pg_roles where rolname = 'leleka_app') then
        revoke all on all tables in schema public from leleka_app, leleka_reader;
        revoke all on sequence ledger_position from leleka_app;
        revoke usage on schema public from leleka_app, leleka_reader;
    end if;
end $$;
