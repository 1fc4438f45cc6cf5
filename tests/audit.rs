//! What somebody tried that they may not stands in the audit; it names ids, never words.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{AGREES, Mediation, ask_to_join, invite};
use hejie::session::command::Command;
use hejie::session::event::Refusal;
use hejie::session::party::Role;
use hejie::signing::keys::Es256Key;
use hejie::store::{Store, fetch_all};
use support::app::App;

async fn audited(store: &Store, action: &str) -> Vec<(String, String)> {
    let mut tx = store.read().await.unwrap();
    fetch_all!(tx, "select subject, detail from audit where action = $1 order by seq", action).unwrap()
}

both! {
    async fn rights_that_were_refused_and_links_that_were_closed(db: Database) {
        let app = App::start_now(db).await;
        let mut room = Mediation::joint(&app.base, app.mediator("wang").await).await;
        let store = &app.server.state.store;

        assert_eq!(room.consumer.refused(Command::Lock { locked: true }).await, Refusal::NotYourRight);
        let rows = audited(store, "refused.lock").await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].0, room.consumer.id.device.to_string());
        assert!(rows[0].1.contains("not_your_right"), "{}", rows[0].1);

        let token = invite(&mut room.mediator, Role::Observer, "赵旁听").await;
        let first = Es256Key::generate(&hejie::random::Random::os());
        let second = Es256Key::generate(&hejie::random::Random::os());
        assert_eq!(ask_to_join(&app.base, &token, &first, AGREES).await.status(), 201);
        assert_eq!(ask_to_join(&app.base, &token, &second, AGREES).await.status(), 409);
        let rows = audited(store, "refused.join").await;
        assert_eq!(rows.len(), 1);
        assert!(rows[0].1.contains("used") && !rows[0].1.contains(&token), "{}", rows[0].1);
    }
}
