//! The connection: encrypted, signed in, to whichever controller answers.
//!
//! Many requests share one connection, each with a number of its own. A connection that breaks is replaced at
//! the next request, with the next controller where the first is gone. A refused password isn't tried again:
//! that would lock the account.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::controls::RawControl;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Mod, Scope, SearchEntry,
};
use tokio::sync::Mutex;

use super::entry::Entry;
use super::outcome::{bind_refused, is_elsewhere, said, unread};
use super::settings::Settings;
use super::tls;
use crate::directory::DirectoryFault;
use crate::model::Secret;

/// How long a controller may take to answer a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may be silent while it owes an answer.
const ANSWER: Duration = Duration::from_secs(60);
/// What Microsoft sends at most in one page (`active-directory.md §7`).
const PAGE: i32 = 1000;

/// One change of an attribute.
pub(super) type Modification = Mod<Vec<u8>>;

/// A connection that is made when it is first used.
pub(super) struct Connection {
    settings: Arc<Settings>,
    live: Mutex<Live>,
}

#[derive(Default)]
struct Live {
    ldap: Option<Ldap>,
    /// Counts connections, so that only the one that broke is given up.
    number: u64,
    /// The controller that answered last.
    preferred: usize,
    /// Why signing in was refused, for good.
    refused: Option<DirectoryFault>,
}

/// A question to the directory.
pub(super) struct Search<'a> {
    pub(super) base: &'a str,
    pub(super) scope: Scope,
    pub(super) filter: &'a str,
    pub(super) attributes: &'a [&'a str],
    pub(super) controls: Vec<RawControl>,
}

/// Asks for names with their GUIDs, as text (`1.2.840.113556.1.4.529`, value: a sequence of one integer, 1).
pub(super) fn extended_names() -> RawControl {
    control("1.2.840.113556.1.4.529", Some(vec![0x30, 0x03, 0x02, 0x01, 0x01]))
}

/// Shows deleted entries too.
pub(super) fn show_deleted() -> RawControl {
    control("1.2.840.113556.1.4.417", None)
}

fn control(oid: &str, val: Option<Vec<u8>>) -> RawControl {
    RawControl { ctype: oid.to_owned(), crit: true, val }
}

impl Connection {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, live: Mutex::default() }
    }

    /// Reads all entries that a search finds, in pages; `take` makes what is kept of each. It is asked again
    /// where the connection breaks: reading twice does no harm.
    pub(super) async fn read<T>(
        &self,
        search: &Search<'_>,
        take: impl Fn(Entry) -> Option<T> + Send + Sync,
    ) -> Result<Vec<T>, DirectoryFault>
    where
        T: Send,
    {
        let (ldap, number) = self.ldap().await?;
        match read_all(ldap, search, &take).await {
            Ok((_, answer)) if is_elsewhere(&answer) => self.lost(number).await,
            Ok((found, answer)) => return finished(found, &answer, search),
            Err(_) => self.lost(number).await,
        }
        let (ldap, number) = self.ldap().await?;
        match read_all(ldap, search, &take).await {
            Ok((found, answer)) => finished(found, &answer, search),
            Err(error) => {
                self.lost(number).await;
                Err(broken(&error))
            }
        }
    }

    /// Changes an entry; the answer may be a refusal.
    pub(super) async fn modify(
        &self,
        dn: &str,
        changes: Vec<Modification>,
    ) -> Result<LdapResult, DirectoryFault> {
        self.modify_with(dn, changes, Vec::new()).await
    }

    /// Changes an entry under these controls.
    pub(super) async fn modify_with(
        &self,
        dn: &str,
        changes: Vec<Modification>,
        controls: Vec<RawControl>,
    ) -> Result<LdapResult, DirectoryFault> {
        let (mut ldap, number) = self.ldap().await?;
        if !controls.is_empty() {
            ldap.with_controls(controls);
        }
        let answer = ldap.with_timeout(ANSWER).modify(dn, changes).await;
        self.written(answer, number).await
    }

    /// Makes an entry, on that connection and no other: another controller may not have heard of an
    /// earlier try.
    pub(super) async fn add_on(
        &self,
        on: u64,
        dn: &str,
        attributes: Vec<(Vec<u8>, HashSet<Vec<u8>>)>,
    ) -> Result<LdapResult, DirectoryFault> {
        let (mut ldap, number) = self.ldap().await?;
        if number != on {
            return Err(DirectoryFault::OutOfReach("the connection was lost meanwhile".to_owned()));
        }
        let answer = ldap.with_timeout(ANSWER).add(dn, attributes).await;
        self.written(answer, number).await
    }

    /// Gives an entry another own part.
    pub(super) async fn rename(&self, dn: &str, own: &str) -> Result<LdapResult, DirectoryFault> {
        let (mut ldap, number) = self.ldap().await?;
        let answer = ldap.with_timeout(ANSWER).modifydn(dn, own, true, None).await;
        self.written(answer, number).await
    }

    /// Deletes an entry.
    pub(super) async fn delete(&self, dn: &str) -> Result<LdapResult, DirectoryFault> {
        let (mut ldap, number) = self.ldap().await?;
        let answer = ldap.with_timeout(ANSWER).delete(dn).await;
        self.written(answer, number).await
    }

    /// Asks a controller to sign somebody else in, on a connection that serves nothing else.
    pub(super) async fn sign_in_once(
        &self,
        dn: &str,
        password: &Secret,
    ) -> Result<LdapResult, DirectoryFault> {
        let preferred = self.live.lock().await.preferred;
        let (mut ldap, _) = self.open(preferred).await.map_err(|refused| refused.fault)?;
        let answer = ldap.with_timeout(ANSWER).simple_bind(dn, password.expose()).await;
        // Whether it takes leave of us changes nothing.
        let _ = ldap.unbind().await;
        answer.map_err(|error| broken(&error))
    }

    /// A write that wasn't answered isn't sent again here: whoever asked for it decides that.
    async fn written(
        &self,
        answer: Result<LdapResult, LdapError>,
        number: u64,
    ) -> Result<LdapResult, DirectoryFault> {
        match answer {
            Ok(answer) => {
                if is_elsewhere(&answer) {
                    self.lost(number).await;
                }
                Ok(answer)
            }
            Err(error) => {
                self.lost(number).await;
                Err(broken(&error))
            }
        }
    }

    /// That connection is of no use any more: the next one is asked for of the next controller.
    async fn lost(&self, number: u64) {
        let mut live = self.live.lock().await;
        if live.number == number {
            live.ldap = None;
            live.preferred = (live.preferred + 1) % self.settings.servers.len().max(1);
        }
    }

    /// The controller that is asked at the moment, and the number of the connection to it.
    pub(super) async fn server(&self) -> Result<(String, u64), DirectoryFault> {
        let (_, number) = self.ldap().await?;
        let live = self.live.lock().await;
        let server = self.settings.servers.get(live.preferred);
        match server.filter(|_| live.number == number) {
            Some(server) => Ok((server.url(), number)),
            None => Err(DirectoryFault::OutOfReach("the connection was lost meanwhile".to_owned())),
        }
    }

    /// From now on that controller is asked first.
    pub(super) async fn prefer(&self, url: &str) {
        let mut live = self.live.lock().await;
        let found = self.settings.servers.iter().position(|server| server.url() == url);
        if let Some(index) = found.filter(|index| *index != live.preferred) {
            live.preferred = index;
            live.ldap = None;
        }
    }

    /// The connection there is, or a new one.
    async fn ldap(&self) -> Result<(Ldap, u64), DirectoryFault> {
        let mut live = self.live.lock().await;
        if let Some(refused) = &live.refused {
            return Err(refused.clone());
        }
        if let Some(ldap) = &mut live.ldap
            && !ldap.is_closed()
        {
            return Ok((ldap.clone(), live.number));
        }
        let opened = self.open(live.preferred).await;
        match opened {
            Ok((ldap, server)) => {
                live.preferred = server;
                live.number += 1;
                live.ldap = Some(ldap.clone());
                Ok((ldap, live.number))
            }
            Err(NotOpened { fault, is_final }) => {
                if is_final {
                    live.refused = Some(fault.clone());
                }
                Err(fault)
            }
        }
    }

    /// Tries one controller after the other, beginning with the preferred.
    async fn open(&self, preferred: usize) -> Result<(Ldap, usize), NotOpened> {
        let config = tls::config(self.settings.ca_file.as_deref())
            .map_err(|fault| NotOpened { fault, is_final: false })?;
        let servers = &self.settings.servers;
        let mut told: Option<DirectoryFault> = None;
        let mut silent = Vec::new();
        for index in (0..servers.len()).map(|offset| (preferred + offset) % servers.len()) {
            let Some(server) = servers.get(index) else { continue };
            let settings =
                LdapConnSettings::new().set_conn_timeout(CONNECT).set_config(Arc::clone(&config));
            match LdapConnAsync::with_settings(settings, &server.url()).await {
                Ok((driver, ldap)) => {
                    ldap3::drive!(driver);
                    match self.sign_in(ldap).await {
                        Ok(ldap) => return Ok((ldap, index)),
                        Err(SignIn::Refused(fault)) => {
                            return Err(NotOpened { fault, is_final: true });
                        }
                        Err(SignIn::Elsewhere(why)) => {
                            silent.push(format!("{}: {why}", server.host()));
                        }
                    }
                }
                Err(error) => match tls::distrusted(server.host(), &error) {
                    Some(fault) => {
                        tracing::warn!(%fault, "a controller is passed over");
                        told = told.or(Some(fault));
                    }
                    None => silent.push(format!("{}: {}", server.host(), shown(&error))),
                },
            }
        }
        let fault = told.unwrap_or_else(|| {
            DirectoryFault::OutOfReach(format!("no controller answers: {}", silent.join("; ")))
        });
        Err(NotOpened { fault, is_final: false })
    }

    async fn sign_in(&self, mut ldap: Ldap) -> Result<Ldap, SignIn> {
        let (bind, password) = (&self.settings.bind, &self.settings.password);
        // A name without password is a success for Microsoft, as nobody (`active-directory.md §2`).
        if password.expose().is_empty() {
            return Err(SignIn::Refused(DirectoryFault::SignIn {
                reason: format!("the password of {bind} is empty"),
                advice: "put it where the profile says it is".to_owned(),
            }));
        }
        let answer = ldap.with_timeout(CONNECT * 4).simple_bind(bind, password.expose()).await;
        match answer {
            Ok(answer) if answer.rc == 0 => Ok(ldap),
            Ok(answer) => Err(match bind_refused(bind, &answer) {
                Some(fault) => SignIn::Refused(fault),
                None => SignIn::Elsewhere(said(&answer)),
            }),
            Err(error) => Err(SignIn::Elsewhere(shown(&error))),
        }
    }
}

struct NotOpened {
    fault: DirectoryFault,
    is_final: bool,
}

enum SignIn {
    Refused(DirectoryFault),
    Elsewhere(String),
}

async fn read_all<T: Send>(
    mut ldap: Ldap,
    search: &Search<'_>,
    take: &(impl Fn(Entry) -> Option<T> + Send + Sync),
) -> Result<(Vec<T>, LdapResult), LdapError> {
    let adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> =
        vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
    let attributes: Vec<String> = search.attributes.iter().map(|name| (*name).to_owned()).collect();
    if !search.controls.is_empty() {
        ldap.with_controls(search.controls.clone());
    }
    let mut stream = ldap
        .with_timeout(ANSWER)
        .streaming_search_with(adapters, search.base, search.scope, search.filter, attributes)
        .await?;
    let mut found = Vec::new();
    while let Some(entry) = stream.next().await? {
        found.extend(take(Entry::new(SearchEntry::construct(entry))));
    }
    Ok((found, stream.finish().await))
}

fn finished<T>(
    found: Vec<T>,
    answer: &LdapResult,
    search: &Search<'_>,
) -> Result<Vec<T>, DirectoryFault> {
    if answer.rc == 0 { Ok(found) } else { Err(unread(answer, search.base)) }
}

fn broken(error: &LdapError) -> DirectoryFault {
    DirectoryFault::OutOfReach(format!("the connection broke: {}", shown(error)))
}

/// The error in a person's words; what it is made of is never shown, since a request may be among it.
fn shown(error: &LdapError) -> String {
    match error {
        LdapError::Io { source } => source.to_string(),
        LdapError::Timeout { .. } => "no answer in time".to_owned(),
        LdapError::ResultRecv { .. } | LdapError::OpSend { .. } | LdapError::EndOfStream => {
            "it was closed".to_owned()
        }
        LdapError::FilterParsing => "the question could not be sent".to_owned(),
        _ => "it failed".to_owned(),
    }
}
