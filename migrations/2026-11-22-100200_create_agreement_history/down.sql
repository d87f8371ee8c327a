do $$
begin
    revoke insert, update on agreement from leleka_app;
exception when undefined_object or insufficient_privilege then
    raise notice 'the roles are not there';
end $$;
comment on column idempotency_key.submission_id is 'The submission it made.';
drop table obligation_decision;
drop table schedule_document;
drop table agreement_event;
alter table agreement
    drop constraint agreement_proposal_check,
    drop constraint agreement_state_check,
    drop column proposal,
    drop column decided,
    drop column version,
    add constraint agreement_state_check check (state in ('proposed', 'agreed', 'suspended'));
comment on column agreement.state is 'Proposed, agreed or suspended; only agreed ones are accepted.';
