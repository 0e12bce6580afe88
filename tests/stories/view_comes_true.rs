//! What a script reads after its verbs, before anything is written, is what everybody reads after the
//! plan was applied: for random plans of all verbs.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use serde_json::Value;

use crate::person::tenant_and_shell;

/// Everybody on both sides, with each value that a plan can change.
const READ: &str = r#"
    fn facts(a) {
        let licenses = [];
        for license in a.licenses { licenses.push(license) }
        licenses.sort();
        [a.user_name, a.online_id, a.enabled, a.can_sign_in, a.status, a.status_reason, licenses,
         a.department, a.office, a.usage_location, a.expires, a.must_change_password, mail(a)]
    }
    // The tenant's own address comes with the mailbox; without one nobody can say what is left.
    fn mail(a) {
        if a.mailbox == "none" { return "none"; }
        let kind = if a.mailbox == "shared" { "shared" } else { "person" };
        let aliases = [];
        for alias in a.aliases { if !alias.ends_with("onmicrosoft.com") { aliases.push(alias) } }
        [kind, sorted(aliases), sorted(a.groups)]
    }
    fn sorted(list) { list.sort(|a, b| a.to_string() < b.to_string()); list }
    [sorted(accounts("*").map(|a| facts(a))), sorted(online_accounts().map(|a| facts(a)))]
"#;

const PEOPLE: usize = 5;

#[derive(Debug, Clone, Copy)]
enum Verb {
    Disable,
    Enable,
    Unassign,
    AssignAgain,
    AssignNew,
    Unlink,
    Link,
    Relink,
    RenameBoth,
    RenameUser,
    SetTexts,
    ClearTexts,
    SetDay,
    AddLicense,
    Swap,
    RemoveAll,
    ResetPassword,
    SignOut,
    Delete,
    Restore,
    AddAlias,
    RemoveAlias,
    SetPrimary,
    Join,
    LeaveAll,
    Share,
    Hide,
}
use Verb::*;

const VERBS: &[Verb] = &[
    Disable,
    Enable,
    Unassign,
    AssignAgain,
    AssignNew,
    Unlink,
    Link,
    Relink,
    RenameBoth,
    RenameUser,
    SetTexts,
    ClearTexts,
    SetDay,
    AddLicense,
    Swap,
    RemoveAll,
    ResetPassword,
    SignOut,
    Delete,
    Restore,
    AddAlias,
    RemoveAlias,
    SetPrimary,
    Join,
    LeaveAll,
    Share,
    Hide,
];

/// A person as far as it decides which verbs may follow.
struct Standing {
    online: Option<String>,
    unlinked: Option<String>,
    licensed: bool,
    remembered: bool,
    was_online: bool,
    deleted: bool,
    /// Whether there is a mailbox, and whether it is shared and stays without a licence.
    has_mailbox: bool,
    had_mailbox: bool,
    shared: bool,
    alias: Option<String>,
    /// Whether the plan makes the online account.
    made: bool,
}

impl Standing {
    fn of(number: usize) -> Self {
        let has_online = number != 4;
        Self {
            online: has_online.then(|| format!("p{number}")),
            unlinked: None,
            licensed: has_online,
            remembered: false,
            was_online: has_online,
            deleted: false,
            has_mailbox: has_online,
            had_mailbox: has_online,
            shared: false,
            alias: None,
            made: false,
        }
    }

    /// The line of the script, if the verb can be done as things stand.
    fn line(&mut self, number: usize, verb: Verb, turn: usize) -> Option<String> {
        let is_online = self.online.is_some();
        let sure = match verb {
            // Under which of its names its mailbox comes is the tenant's affair.
            RenameBoth => !self.made,
            Disable | Enable | RenameUser | ClearTexts | SetDay | ResetPassword | Delete => true,
            // What a plan makes itself is not cut off again.
            Unlink => is_online && !self.made,
            Unassign | Relink | SetTexts | AddLicense | Swap | RemoveAll | SignOut => is_online,
            AssignAgain => is_online && (self.licensed || self.remembered),
            // Whose online account there was before would be asked about.
            AssignNew => !is_online && !self.was_online,
            Link => !is_online && self.unlinked.is_some(),
            AddAlias | SetPrimary | Join | LeaveAll | Share | Hide => is_online && self.has_mailbox,
            RemoveAlias => is_online && self.has_mailbox && self.alias.is_some(),
            Restore => false,
        };
        if self.deleted || !sure {
            return None;
        }
        let call = match verb {
            Disable => "disable()".to_owned(),
            Enable => "enable()".to_owned(),
            Unassign => {
                self.remembered |= self.licensed;
                self.licensed = false;
                self.had_mailbox = self.has_mailbox;
                self.has_mailbox = self.shared;
                "unassign()".to_owned()
            }
            AssignAgain => {
                self.licensed = true;
                self.remembered = false;
                self.has_mailbox = self.had_mailbox;
                "assign()".to_owned()
            }
            AssignNew => {
                let name = format!("n{number}");
                let call = format!(
                    "assign(#{{ online_id: \"{name}\", licenses: [\"Microsoft 365 Business Basic\"] }})"
                );
                (self.online, self.licensed, self.was_online) = (Some(name), true, true);
                (self.has_mailbox, self.had_mailbox, self.made) = (true, true, true);
                call
            }
            Unlink => {
                self.unlinked = self.online.take();
                "unlink()".to_owned()
            }
            Link => {
                self.online = self.unlinked.take();
                format!("link(\"{}@contoso.com\")", self.online.as_deref().unwrap())
            }
            Relink => "relink()".to_owned(),
            RenameBoth => {
                let name = format!("r{number}x{turn}");
                if is_online {
                    self.online = Some(name.clone());
                }
                format!("rename(\"{name}\")")
            }
            RenameUser => format!("rename(#{{ user_name: \"u{number}x{turn}\" }})"),
            SetTexts => format!(
                "set(#{{ department: \"D{turn}\", office: \"O{turn}\", usage_location: \"FR\" }})"
            ),
            ClearTexts => "set(#{ department: (), office: () })".to_owned(),
            SetDay => "set(#{ expires: \"2031-01-31\", must_change_password: false })".to_owned(),
            AddLicense => {
                self.licensed = true;
                (self.has_mailbox, self.had_mailbox) = (true, true);
                "add_license(\"Exchange Online (Plan 1)\")".to_owned()
            }
            Swap => {
                self.licensed = true;
                (self.has_mailbox, self.had_mailbox) = (self.shared, self.shared);
                "set_licenses([\"Microsoft 365 Business Standard\"], #{ without: [\"Teams\", \"EXCHANGE_S_STANDARD\"] })".to_owned()
            }
            RemoveAll => {
                self.licensed = false;
                (self.has_mailbox, self.had_mailbox) = (self.shared, self.shared);
                "set_licenses([])".to_owned()
            }
            ResetPassword => "reset_password()".to_owned(),
            SignOut => "sign_out()".to_owned(),
            Delete => {
                self.deleted = true;
                "delete()".to_owned()
            }
            AddAlias => {
                let alias = format!("a{number}x{turn}");
                self.alias = Some(alias.clone());
                format!("add_alias(\"{alias}\")")
            }
            RemoveAlias => format!("remove_alias(\"{}\")", self.alias.take().unwrap()),
            SetPrimary => format!("set_primary_address(\"m{number}x{turn}\")"),
            Join => "add_to_group(\"Staff\")".to_owned(),
            LeaveAll => "set_groups([])".to_owned(),
            Share => {
                self.shared = true;
                "convert_to_shared()".to_owned()
            }
            Hide => "hide_from_address_list()".to_owned(),
            Restore => return None,
        };
        Some(format!("p[{number}].{call};"))
    }
}

fn script(turns: &[(usize, Verb)]) -> String {
    let mut people: Vec<Standing> = (0..PEOPLE).map(Standing::of).collect();
    let mut script = "let p = [];\nfor n in 0..5 { p.push(account(`p${n}`)) }\n".to_owned();
    let mut gone_is_back = false;
    for (turn, (number, verb)) in turns.iter().enumerate() {
        if matches!(verb, Restore) && !gone_is_back {
            gone_is_back = true;
            script.push_str("deleted_account(\"gone\").restore();\n");
        }
        if let Some(line) = people[*number].line(*number, *verb, turn) {
            writeln!(script, "{line}").unwrap();
        }
    }
    script.push_str("create_account(#{ user_name: \"new\", department: \"Plant\" });\n");
    script
}

/// Whom two readings tell differently, and how.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let people = |read: &Value| -> Vec<String> {
        let lists = read.as_array().unwrap().iter();
        lists.flat_map(|list| list.as_array().unwrap()).map(Value::to_string).collect()
    };
    let (one, other) = (people(one), people(other));
    let only = |these: &[String], those: &[String], sign: &str| -> Vec<String> {
        let lacking = these.iter().filter(|person| !those.contains(person));
        lacking.map(|person| format!("{sign} {person}")).collect()
    };
    [only(&one, &other, "-"), only(&other, &one, "+")].concat()
}

#[test]
fn what_is_read_before_a_plan_is_applied_is_what_is_read_after_it() {
    let config =
        Config { cases: 14, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[6; 32]);
    let turns = prop::collection::vec((0..PEOPLE, prop::sample::select(VERBS)), 6..24);
    let judged = TestRunner::new_with_rng(config, seed).run(&turns, |turns| {
        let (_tenant, shell) = tenant_and_shell();
        shell.does(
            "for n in 0..5 { create_account(#{ user_name: `p${n}`, department: \"Plant\", online: n != 4 }) } \
             create_account(#{ user_name: \"gone\" }); apply(); account(\"gone\").delete(); \
             create_group(#{ name: \"Staff\", members: [\"p0\", \"p1\"] })",
        );
        let plan = script(&turns);
        shell.file("plan.rhai", &format!("{plan}{READ}")).file("read.rhai", READ);
        let run = ["run", "plan.rhai", "--output", "json", "--max-deletes", "99", "--max-revokes", "99"];
        let what_if = shell.acctsh(&[&run[..], &["--what-if"]].concat());
        prop_assert_eq!(what_if.exit, 0, "{}\n{}", plan, what_if.err);
        let applied = shell.acctsh(&[&run[..], &["--yes"]].concat());
        prop_assert_eq!(applied.exit, 0, "{}\n{}\n{}", plan, applied.err, applied.out);
        let after = shell.acctsh(&["run", "read.rhai", "--output", "json"]);
        prop_assert_eq!(after.exit, 0, "{}", after.err);
        let (before, applied, after) = (what_if.json(), applied.json(), after.json());
        prop_assert_eq!(differences(&before, &applied), [""; 0], "before the run: {}", plan);
        prop_assert_eq!(differences(&applied, &after), [""; 0], "after the run: {}", plan);
        Ok(())
    });
    judged.unwrap();
}
