//! Who is let in, who is not, and what is written down about it.
//!
//! The table of roles is `openapi/roles.json`; what each operation needs stands in the contract.

mod access_token;
mod log;
mod matrix;
mod metadata;
mod token_endpoint;

use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, client_register};
use leleka_store::Migrator;
use leleka_testkit::{TestApp, TestCaller};

/// A client whose private key the test holds too.
struct Keyholder {
    caller: TestCaller,
    id: String,
    key: SigningKey,
}

/// Registers a submitting client of the state migration service with a key of the test's own.
fn keyholder(app: &TestApp) -> Keyholder {
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let pem = key.to_pkcs8_pem();
    let id = format!("keyholder-{}", IdSource.next().simple());
    let jwk = serde_json::json!(key.public_key().jwk()).to_string();
    let registration = ClientRegistration {
        id: &id,
        body: "DMS",
        role: Role::AgencySubmitter,
        public_jwk: &jwk,
        not_after: None,
    };
    let mut migrator = Migrator::connect(&app.database.url).unwrap();
    client_register(&mut migrator, &IdSource, app.clock.now(), &registration).unwrap();
    let copy = SigningKey::from_pkcs8_pem(pem.expose()).unwrap();
    let caller = TestCaller::new(app.base_url.clone(), id.clone(), copy, app.clock.clone());
    // From here on the server knows the client.
    let _known = caller.token();
    Keyholder { caller, id, key }
}

/// Now, in the seconds that tokens count.
fn now() -> u64 {
    Clock::system().now_unix_seconds()
}

/// How often something stands in the log.
fn log_count(app: &TestApp, condition: &str) -> u32 {
    let count = app
        .database
        .sql(&format!("select count(*) from log_entry where {condition}"));
    count.unwrap().parse().unwrap()
}
