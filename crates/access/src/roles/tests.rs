//! The table of roles, held against its published copy.

use super::*;
use crate::scopes::Description;
use serde_json::{Value, json};

fn table_of_the_code() -> Value {
    let scopes: Vec<Value> = Scope::ALL
        .iter()
        .map(|scope| {
            let Description { uk, en } = scope.description();
            json!({"scope": scope.as_str(), "description": {"uk": uk, "en": en}})
        })
        .collect();
    let roles: Vec<Value> = Role::ALL
        .iter()
        .map(|role| {
            let scopes: Vec<&str> = role.scopes().iter().map(|scope| scope.as_str()).collect();
            json!({"role": role.as_str(), "reach": role.reach().as_str(), "scopes": scopes})
        })
        .collect();
    json!({"scopes": scopes, "roles": roles})
}

#[test]
fn the_published_table_says_what_the_code_does() {
    let published: Value = serde_json::from_str(include_str!("../../../../openapi/roles.json")).unwrap();
    let code = table_of_the_code();
    assert_eq!(published, code, "openapi/roles.json should be:\n{code:#}");
}

#[test]
fn every_name_reads_back_as_itself_and_no_other_name_does() {
    assert!(Role::ALL.iter().all(|role| role.to_string().parse() == Ok(*role)));
    assert!(
        Scope::ALL
            .iter()
            .all(|scope| scope.to_string().parse() == Ok(*scope))
    );
    assert_eq!("Analyst".parse::<Role>(), Err(RoleUnknown));
    assert_eq!("submission:*".parse::<Scope>(), Err(ScopeUnknown));
}

#[test]
fn nobody_holds_both_halves_of_a_separated_duty() {
    for role in Role::ALL {
        let holds = |scope| role.scopes().contains(&scope);
        assert!(
            !(holds(Scope::ReleaseDraft) && holds(Scope::ReleasePublish)),
            "{role}"
        );
        assert!(
            !(holds(Scope::SubmissionWrite) && holds(Scope::AuditRead)),
            "{role}"
        );
        assert!(
            !(holds(Scope::ClientManage) && holds(Scope::ObservationRead)),
            "{role}"
        );
    }
}

#[test]
fn a_role_that_reaches_no_data_holds_no_scope_that_reads_it() {
    for role in Role::ALL.into_iter().filter(|role| role.reach() == Reach::None) {
        for scope in [
            Scope::SubmissionRead,
            Scope::ObservationRead,
            Scope::SubmissionWrite,
        ] {
            assert!(!role.scopes().contains(&scope), "{role} {scope}");
        }
    }
}

#[test]
fn an_auditor_can_write_nothing() {
    for scope in Role::Auditor.scopes() {
        let reads = scope.as_str().ends_with(":read") || *scope == Scope::RiskMetricConfidential;
        assert!(reads, "{scope}");
    }
}

#[test]
fn a_list_of_scopes_is_granted_only_within_the_role() {
    let granted = Role::Analyst.scopes_named("observation:read release:draft observation:read");
    assert_eq!(granted, Ok(vec![Scope::ObservationRead, Scope::ReleaseDraft]));
    assert_eq!(
        Role::Analyst.scopes_named("observation:read release:publish"),
        Err(ScopeFault::OutsideRole(Scope::ReleasePublish))
    );
    assert_eq!(
        Role::Analyst.scopes_named("observation:read admin"),
        Err(ScopeFault::Unknown)
    );
    assert_eq!(Role::Analyst.scopes_named("  "), Err(ScopeFault::Empty));
}
