drop table log_entry, client_assertion, client_key, client;
drop function refuse_change;
