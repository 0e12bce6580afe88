//! A server that is killed has kept everything it answered for.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use std::path::Path;
use std::process::{Child, Command};

use acctsh_sandbox::{Options, Server};
use tenant::{Tenant, person};

/// Not a story: the process that is killed. It serves the folder its environment names.
#[test]
#[ignore = "started by the story below"]
fn serves_until_killed() {
    let folder = std::env::var_os("KILLED_SERVER_FOLDER").unwrap();
    let folder = Path::new(&folder);
    let state = folder.join("tenant.sqlite");
    let server = Server::start(Options { state, ..Options::default() }).unwrap();
    std::fs::write(folder.join("url.part"), server.base_url()).unwrap();
    std::fs::rename(folder.join("url.part"), folder.join("url")).unwrap();
    server.wait();
}

/// Ends the process however the story ends.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_killed_server_has_kept_every_user_it_answered_for() {
    let mut tenant = Tenant::new().await;
    drop(tenant.server.take());
    let victim = Victim(
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serves_until_killed", "--ignored"])
            .env("KILLED_SERVER_FOLDER", tenant.folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap(),
    );
    let url = tenant.folder.path().join("url");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !url.exists() && std::time::Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    tenant.base = std::fs::read_to_string(&url).unwrap();

    // Writes go on while the kill comes.
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..200 {
        let alias = format!("p{number}");
        let request = tenant.request(reqwest::Method::POST, "/users").json(&person(&alias));
        writes.spawn(async move { (alias, request.send().await.map(|answer| answer.status())) });
    }
    let mut answered = Vec::new();
    let mut victim = Some(victim);
    while let Some(write) = writes.join_next().await {
        if let (alias, Ok(status)) = write.unwrap() {
            assert_eq!(status, 201);
            answered.push(alias);
        }
        if answered.len() == 50 {
            drop(victim.take());
        }
    }
    assert!(answered.len() >= 50, "{}", answered.len());

    let state = tenant.folder.path().join("tenant.sqlite");
    let server = Server::start(Options { state, ..Options::default() }).unwrap();
    tenant.base = server.base_url();
    for alias in answered {
        assert_eq!(tenant.get(&format!("/users/{alias}@contoso.com")).await.status, 200, "{alias}");
    }
}
