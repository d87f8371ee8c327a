//! Who acts: a client with its body, role and reach.
//!
//! Made only from a proven access token; body and territory never come from a request.

use leleka_access::{AccessGrant, Reach, Role, Scope};
use leleka_domain::BodyScope;

/// A caller whose token was proven and whose client is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Client id.
    pub client_id: String,
    /// The body it speaks for.
    pub body: String,
    /// Its role.
    pub role: Role,
    /// The scopes that were granted.
    pub scopes: Vec<Scope>,
    /// The territory of its body, when it is a territorial office.
    pub territory: Option<String>,
}

impl Caller {
    /// The caller behind a grant.
    #[must_use]
    pub fn new(grant: AccessGrant, territory: Option<String>) -> Self {
        let AccessGrant {
            client_id,
            body,
            role,
            scopes,
        } = grant;
        Self {
            client_id,
            body,
            role,
            scopes,
            territory,
        }
    }

    /// Whether it was granted a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whose submissions and observations it may see; `None` means nobody's.
    #[must_use]
    pub fn body_scope(&self) -> Option<BodyScope> {
        match self.role.reach() {
            Reach::OwnBody => Some(BodyScope::One(self.body.clone())),
            Reach::WholeCentre => Some(BodyScope::WholeCentre),
            Reach::None => None,
        }
    }

    /// Whose agreements and obligations it may see: they hold no figures, so who keeps the catalogue sees them all.
    #[must_use]
    pub fn duty_scope(&self) -> BodyScope {
        match self.role.reach() {
            Reach::OwnBody => BodyScope::One(self.body.clone()),
            Reach::WholeCentre | Reach::None => BodyScope::WholeCentre,
        }
    }
}
