//! `alias`: one e-mail address, with whoever has it.

use std::sync::Arc;

use rhai::{Dynamic, Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::alias_list::AliasList;
use super::aliases::wish;
use super::group::{GroupHandle, record_group};
use super::mail::{look, whose};
use super::options::unknown_property;
use super::verb::record;
use crate::accounts::R;
use crate::model::{DomainName, EmailAddress, MailAddresses, nearest};
use crate::plan::change::{AddressWish, Addressee, Change, EditAliases, SetPrimary, Subject};
use crate::plan::mail::{AddressHolder, Holder, subject_of};
use crate::plan::view::View;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::{ColumnHead, Table, Value};

const PROPERTIES: &[&str] = &["address", "is_primary", "account", "group"];

/// An address. Whoever has it is looked up anew each time: the plan may move it.
#[derive(Clone)]
pub(in crate::script) struct AliasHandle {
    session: Arc<Session>,
    address: EmailAddress,
}

/// Who has an address at this point of the plan.
struct Held {
    is_primary: bool,
    by: HeldBy,
}

enum HeldBy {
    Account(Subject, String),
    Group(Subject, String),
    /// A contact or another recipient, by name.
    Other(String),
}

impl AliasHandle {
    pub(super) fn new(session: &Arc<Session>, address: EmailAddress) -> Self {
        Self { session: Arc::clone(session), address }
    }

    pub(in crate::script) fn address(&self) -> &str {
        self.address.as_str()
    }

    fn held(&self) -> Result<Held, Fault> {
        look(&self.session, |view| held(view, &self.address))?.ok_or_else(|| {
            let message =
                format!("nobody has the address {} at this point of the plan", self.address);
            Fault::new("no_such_alias", message).value(self.address.as_str())
        })
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<AliasHandle>("Alias");
    engine.register_indexer_get(|_: &mut AliasHandle, name: &str| -> Result<Dynamic, Raised> {
        Err(unknown_property("an alias", name, PROPERTIES).raise())
    });
    engine.register_global_module(exported_module!(alias_api).into());
}

fn held(view: &View<'_>, address: &EmailAddress) -> R<Option<Held>> {
    let Some(AddressHolder { holder, label }) = view.address_holder(address)? else {
        return Ok(None);
    };
    let found: Option<(MailAddresses, HeldBy)> = match holder {
        Holder::Mailbox(of) => {
            let person = view.person(subject_of(of))?;
            let owner = whose(view, of)?;
            // A sign-in name without mailbox is no address that mail arrives at.
            let mailbox = view.mailbox(&person)?.ok();
            mailbox.map(|mailbox| (mailbox.state.addresses, HeldBy::Account(owner, label)))
        }
        Holder::Group(subject) => view.group(subject)?.map(|group| {
            (group.addresses.clone(), HeldBy::Group(subject, group.display_name.clone()))
        }),
        Holder::Recipient(_) => {
            let there = view.facts().mail().recipient_at(address, view.needs())?;
            there.map(|there| (there.addresses.clone(), HeldBy::Other(label)))
        }
    };
    Ok(found.map(|(addresses, by)| Held {
        is_primary: addresses.primary().as_ref() == Some(address),
        by,
    }))
}

/// Addresses as a table.
pub(in crate::script) fn alias_table(
    session: &Session,
    aliases: &[AliasHandle],
) -> Result<Table, Fault> {
    let rows = look(session, |view| {
        let held: Vec<R<Option<Held>>> =
            aliases.iter().map(|alias| held(view, &alias.address)).collect();
        let mut rows = Vec::with_capacity(aliases.len());
        for (alias, held) in aliases.iter().zip(held) {
            // One that the plan took from everybody is no row any more.
            let Some(Held { is_primary, by }) = held? else { continue };
            let (account, group) = match by {
                HeldBy::Account(_, name) => (name.into(), Value::Nothing),
                HeldBy::Group(_, name) => (Value::Nothing, name.into()),
                HeldBy::Other(_) => (Value::Nothing, Value::Nothing),
            };
            rows.push(vec![alias.address.to_string().into(), is_primary.into(), account, group]);
        }
        Ok(rows)
    })?;
    let columns = ["address", "is_primary", "account", "group"].map(ColumnHead::essential);
    Ok(Table { columns: columns.into(), rows })
}

/// The address, if somebody has it.
fn find_alias(session: &Arc<Session>, text: &str) -> Result<AliasHandle, Fault> {
    let AddressWish { text, domain } = wish(session, text);
    let domain = match domain {
        _ if text.contains('@') => None,
        Some(domain) => Some(domain),
        None => look(session, |view| Ok(view.mail_domains()?.first().cloned()))?,
    };
    let whole = |domain: DomainName| format!("{text}@{domain}");
    let address = EmailAddress::received(domain.map_or_else(|| text.clone(), whole));
    if look(session, |view| held(view, &address))?.is_some() {
        return Ok(AliasHandle::new(session, address));
    }
    let message = format!("nobody has the address {address}");
    let fault = Fault::new("no_such_alias", message).value(address.as_str());
    let all = look(session, |view| view.all_addresses())?;
    let known: Vec<String> =
        all.iter().flat_map(|(_, all)| all.all()).map(|it| it.to_string()).collect();
    Err(match nearest(address.as_str(), known.iter().map(String::as_str)) {
        Some(near) => fault.hint(format!("did you mean {near:?}?")),
        None => fault.hint("aliases() lists them"),
    })
}

fn whole(address: &EmailAddress) -> AddressWish {
    AddressWish { text: address.to_string(), domain: None }
}

/// Records a change of the address with whoever has it.
fn record_alias(
    context: &NativeCallContext<'_>,
    alias: &AliasHandle,
    change: impl FnOnce(Addressee, AddressWish) -> Change,
) -> Result<Dynamic, Raised> {
    let address = whole(&alias.address);
    match alias.held().map_err(Fault::raise)?.by {
        HeldBy::Account(subject, _) => {
            let handle = Some(alias.session.handle(subject));
            let account = AccountHandle::new(&alias.session, handle);
            record(context, &account, |whom| change(Addressee::Account(whom), address))
                .map(Dynamic::from)
        }
        HeldBy::Group(subject, name) => {
            let group = GroupHandle::new(&alias.session, alias.session.handle(subject), name);
            record_group(context, &group, |group| change(Addressee::Group(group), address))
                .map(Dynamic::from)
        }
        HeldBy::Other(label) => {
            let message = format!("{} is held by {label}", alias.address);
            Err(Fault::new("not_changeable", message)
                .value(alias.address.as_str())
                .hint("only addresses of mailboxes and distribution groups can be changed here")
                .raise())
        }
    }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod alias_api {
    /// An address as text.
    ///
    /// ```rhai
    /// print(alias("info"))
    /// ```
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub(crate) fn alias_text(alias: &mut AliasHandle) -> String {
        alias.address.to_string()
    }

    /// An e-mail address, primary or not; without @ it is in the default domain. Throws
    /// `no_such_alias` if nobody has it.
    ///
    /// ```rhai
    /// alias("info").account.display_name
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn alias(context: NativeCallContext, address: &str) -> Result<AliasHandle, Raised> {
        find_alias(&session(&context)?, address).map_err(Fault::raise)
    }

    /// Every address of mailboxes and distribution groups, primary ones too.
    ///
    /// ```rhai
    /// aliases().filter(|a| !a.is_primary)
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn aliases(context: NativeCallContext) -> Result<AliasList, Raised> {
        let session = session(&context)?;
        let all = look(&session, |view| view.all_addresses()).map_err(Fault::raise)?;
        let addresses = all.iter().flat_map(|(_, addresses)| addresses.all());
        Ok(AliasList::new(addresses.map(|it| AliasHandle::new(&session, it)).collect()))
    }

    /// The address itself.
    ///
    /// ```rhai
    /// alias("info").address
    /// ```
    #[rhai_fn(get = "address", pure)]
    pub(crate) fn alias_address(alias: &mut AliasHandle) -> String {
        alias.address.to_string()
    }

    /// Whether mail is sent from that address.
    ///
    /// ```rhai
    /// alias("info").is_primary
    /// ```
    #[rhai_fn(get = "is_primary", return_raw, pure)]
    pub(crate) fn alias_is_primary(alias: &mut AliasHandle) -> Result<bool, Raised> {
        Ok(alias.held().map_err(Fault::raise)?.is_primary)
    }

    /// The account whose mailbox has that address; `()` if it is no account's.
    ///
    /// ```rhai
    /// alias("info").account.user_name
    /// ```
    #[rhai_fn(get = "account", return_raw, pure)]
    pub(crate) fn alias_account(alias: &mut AliasHandle) -> Result<Dynamic, Raised> {
        let session = &alias.session;
        Ok(match alias.held().map_err(Fault::raise)?.by {
            HeldBy::Account(subject, _) => {
                Dynamic::from(AccountHandle::new(session, Some(session.handle(subject))))
            }
            HeldBy::Group(..) | HeldBy::Other(_) => Dynamic::UNIT,
        })
    }

    /// The group that has that address; `()` if it is no group's.
    ///
    /// ```rhai
    /// alias("team").group.name
    /// ```
    #[rhai_fn(get = "group", return_raw, pure)]
    pub(crate) fn alias_group(alias: &mut AliasHandle) -> Result<Dynamic, Raised> {
        let session = &alias.session;
        Ok(match alias.held().map_err(Fault::raise)?.by {
            HeldBy::Group(subject, name) => {
                Dynamic::from(GroupHandle::new(session, session.handle(subject), name))
            }
            HeldBy::Account(..) | HeldBy::Other(_) => Dynamic::UNIT,
        })
    }

    /// Makes the address the primary one of whoever has it. The old one stays as an alias.
    ///
    /// ```rhai
    /// alias("info").make_primary()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn make_primary(
        context: NativeCallContext,
        alias: &mut AliasHandle,
    ) -> Result<Dynamic, Raised> {
        record_alias(&context, alias, |of, address| Change::SetPrimary(SetPrimary { of, address }))
    }

    /// Takes the address away from whoever has it. A primary one stays.
    ///
    /// ```rhai
    /// alias("info").delete()
    /// ```
    #[rhai_fn(name = "delete", return_raw, pure)]
    pub(crate) fn alias_delete(
        context: NativeCallContext,
        alias: &mut AliasHandle,
    ) -> Result<Dynamic, Raised> {
        record_alias(&context, alias, |of, address| {
            let (add, remove) = (Vec::new(), vec![address]);
            Change::EditAliases(EditAliases { of, add, remove, exactly: false })
        })
    }
}
