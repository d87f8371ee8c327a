alter table dataflow drop column partial_allowed;
drop table slice_version;
alter table finding
    drop constraint finding_severity_check,
    drop column explanation,
    add constraint finding_severity_check check (severity in ('error', 'warning', 'info'));
alter table submission
    drop constraint submission_kind_check,
    drop constraint submission_state_check,
    drop constraint submission_kind_reason_check,
    drop column mode,
    drop column acceptance,
    drop column nil_periods,
    drop column explanations,
    drop column soft_count,
    drop column retracted_count,
    drop column reading,
    drop column validation_id,
    add constraint submission_kind_check check (kind in ('original', 'correction')),
    add constraint submission_state_check check (state in ('accepted', 'accepted_with_warnings', 'rejected')),
    add constraint submission_check2
        check ((kind = 'correction') = (supersedes is not null and reason_code is not null) or state = 'rejected');
