drop table observation, series, idempotency_key, finding, submission_content, submission;
drop sequence ledger_position;
