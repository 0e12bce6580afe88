//! A tenant is connected, tried, and let go of again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use acctsh_sandbox::{CLIENT_ID, TENANT_ID};
use rexpect::reader::Options;
use rexpect::session::spawn_with_options;
use serde_json::json;

use crate::story::{Ran, Shell, Tenant, people};

const CERTIFICATE: &str = concat!(
    include_str!("../../sandbox/tests/certificates/app.key.pem"),
    include_str!("../../sandbox/tests/certificates/app.pem")
);

fn connect(shell: &Shell, tenant: &Tenant, options: &[&str]) -> Ran {
    let hosts = ["--login-url", tenant.url(), "--graph-url", tenant.url()];
    let app = ["connect", "--tenant-id", "contoso.com", "--client-id", CLIENT_ID];
    shell.acctsh(&[&app[..], &hosts[..], options].concat())
}

fn config(shell: &Shell) -> String {
    fs::read_to_string(shell.home().join("config.toml")).unwrap()
}

/// A file that only its owner can read.
fn private(shell: &Shell, name: &str, text: &str) {
    shell.file(name, text);
    let path = shell.folder().join(name);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_tenant_is_connected_by_options_and_people_are_created_there() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    connect(&shell, &tenant, &["--secret-env", "SANDBOX_SECRET"])
        .exits(0)
        .says("The profile contoso is in")
        .prints("User-PasswordProfile.ReadWrite.All: set temporary passwords")
        .prints("Exchange.ManageAsApp: manage e-mail addresses, groups and mailboxes")
        .says("All is well with the profile contoso");
    assert!(config(&shell).contains("default_profile = \"contoso\""));
    assert!(config(&shell).contains("client_secret = { env = \"SANDBOX_SECRET\" }"));
    assert!(!config(&shell).contains(acctsh_sandbox::CLIENT_SECRET));

    shell.file("two.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "two.csv", "--yes"]).exits(0).says("2 done");
    assert_eq!(tenant.summary()["users"], 3, "two people and the administrator");
    // Whoever practised before still can.
    shell.acctsh(&["doctor", "--profile", "sandbox"]).exits(0);
}

#[test]
fn a_certificate_takes_the_place_of_a_secret() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    private(&shell, "app.pem", CERTIFICATE);
    let options = ["--certificate-file", "app.pem"];
    connect(&shell, &tenant, &options)
        .exits(6)
        .prints("the certificate is not registered with the app")
        .says("Once it is mended: acctsh doctor --profile contoso");

    let public = include_str!("../../sandbox/tests/certificates/app.pem");
    tenant.knob("PUT", "app", Some(json!({ "certificates": [public] })));
    shell.acctsh(&["doctor"]).exits(0);
    let file = shell.folder().join("app.pem").display().to_string();
    assert!(config(&shell).contains(&format!("certificate = {{ file = \"{file}\" }}")));
    shell.acctsh(&["-c", "accounts().len()"]).exits(0);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    shell
        .acctsh(&["doctor"])
        .exits(6)
        .prints("with the certificate's key can be read by others (mode 644)")
        .prints("chmod 600");
}

#[test]
fn what_a_person_wrote_into_the_configuration_stays() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    let own = "# Ours.\ndefault_profile = \"practice\" # not the real one\n\n[profiles.practice]\n\
               tenant = { kind = \"sandbox\" } # for trying\n";
    shell.config(own);
    connect(&shell, &tenant, &["main", "--secret-env", "SANDBOX_SECRET"]).exits(0);
    assert!(config(&shell).starts_with(own), "{}", config(&shell));
    connect(&shell, &tenant, &["main", "--secret-env", "SANDBOX_SECRET"])
        .exits(2)
        .says("there is a profile \"main\" already")
        .says("acctsh disconnect main");
    connect(&shell, &tenant, &["../main", "--secret-env", "SANDBOX_SECRET"])
        .exits(2)
        .says("a profile can't be called \"../main\"");
    let before = config(&shell);
    connect(&shell, &tenant, &["more", "--secret-env", "SANDBOX_SECRET", "--what-if"])
        .exits(0)
        .says("The profile more would be written");
    assert_eq!(config(&shell), before);

    let secrets = shell.config("[profiles.main]\nclient_secret = \"visible\"\n");
    connect(secrets, &tenant, &["other", "--secret-env", "SANDBOX_SECRET"])
        .exits(2)
        .never_says("visible");
    assert!(!config(&shell).contains("other"), "nothing is written into what can't be read");
}

#[test]
fn disconnecting_leaves_the_tenant_and_says_what_to_delete_by_hand() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    connect(&shell, &tenant, &["--secret-env", "SANDBOX_SECRET"]).exits(0);
    shell.acctsh(&["disconnect", "contoso"]).exits(5).says("give --yes");
    shell.acctsh(&["disconnect", "contso", "--yes"]).exits(2).says("did you mean \"contoso\"?");
    shell.acctsh(&["disconnect", "--what-if"]).exits(0).says("would be taken out");
    let before = tenant.summary()["requests"].clone();
    shell
        .acctsh(&["disconnect", "contoso", "--yes"])
        .exits(0)
        .says(&format!("delete the app registration {CLIENT_ID} in the tenant contoso.com"))
        .says("client secret in the environment variable SANDBOX_SECRET is still there")
        .says("The profile sandbox is the default one now");
    assert_eq!(tenant.summary()["requests"], before, "the tenant isn't even asked");
    assert!(!config(&shell).contains("profiles.contoso"));
    shell.acctsh(&["doctor"]).exits(0).says("the profile sandbox");
}

#[test]
fn a_profile_with_an_unfinished_run_is_not_taken_out() {
    let mut tenant = Tenant::start(&["--latency", "10"]);
    let shell = Shell::new();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    shell.file("people.csv", &people(30));
    let mut running = shell.start(&["run", "bulk-create", "--csv", "people.csv", "--yes"]);
    crate::running::wait_until("some are done", || {
        running.has_ended() || crate::aftermath::steps_done(&shell) >= 20
    });
    tenant.kill();
    running.ends().exits(7);
    let run = shell.newest_run();
    shell
        .acctsh(&["disconnect", "contoso", "--yes"])
        .exits(4)
        .says(&format!("acctsh plan resume {run}"))
        .says(&format!("acctsh plan abandon {run}"));

    tenant.restart(&[]);
    shell
        .acctsh(&["doctor"])
        .exits(1)
        .prints(&format!("{run}: bulk-create did not come to its end"))
        .prints(&format!("acctsh plan resume {run}"))
        .prints(&format!("acctsh plan abandon {run}"));
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    shell.acctsh(&["doctor"]).exits(0).prints("30 letters with temporary passwords lie in");
}

#[test]
fn without_a_terminal_the_script_is_printed_and_what_to_give_is_said() {
    let shell = Shell::new();
    shell
        .acctsh(&["connect"])
        .exits(5)
        .prints("az ad app create")
        .prints("User-PasswordProfile.ReadWrite.All")
        .prints("Exchange.ManageAsApp")
        .prints("Exchange Administrator")
        .says("give --tenant-id ID, --client-id ID, --secret-env NAME");
    shell
        .acctsh(&["connect", "--with", "powershell"])
        .exits(5)
        .prints("New-MgApplication")
        .prints("dc50a0fb-09a3-484d-be87-e023b12c6440")
        .never_says("az ad");
    shell
        .acctsh(&["connect", "--tenant-id", TENANT_ID, "--secret-env", "S"])
        .exits(2)
        .says("give --client-id ID\n");
    shell.acctsh(&["connect", "--secret-env", "S", "--secret-file", "f"]).exits(2);
    private(&shell, "app.pem", CERTIFICATE);
    let with_certificate = shell.acctsh(&["connect", "--certificate-file", "app.pem"]).exits(2);
    let key = CERTIFICATE.lines().nth(1).unwrap();
    with_certificate.prints("--cert 'MII").never_says("client secret").never_says(key);
    assert!(!shell.home().join("config.toml").exists());
}

#[test]
fn at_a_terminal_what_the_script_says_is_asked_for_and_the_secret_is_not_shown() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    let hosts = ["connect", "--login-url", tenant.url(), "--graph-url", tenant.url()];
    let options = Options::new().timeout_ms(Some(30_000)).strip_ansi_escape_codes(true);
    let mut terminal = spawn_with_options(shell.command_at_a_terminal(&hosts), options).unwrap();
    terminal.process_mut().set_kill_timeout(Some(1_000));
    let mut answer = |question: &str, answer: &str| {
        let before = terminal.exp_string(question).unwrap();
        terminal.send(&format!("{answer}\r")).unwrap();
        terminal.flush().unwrap();
        before
    };
    let script = answer("Tenant id or domain: ", "contoso.com");
    assert!(script.contains("az ad app create"), "{script}");
    answer("Client id: ", CLIENT_ID);
    answer("Name of the profile [contoso]: ", "");
    answer("Client secret (it isn't shown): ", acctsh_sandbox::CLIENT_SECRET);
    let rest = terminal.exp_string("All is well with the profile contoso.").unwrap();
    assert!(!rest.contains(acctsh_sandbox::CLIENT_SECRET), "{rest}");
    let file = shell.home().join("profiles/contoso/client.secret");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&file).unwrap(), acctsh_sandbox::CLIENT_SECRET);
    assert!(!config(&shell).contains(acctsh_sandbox::CLIENT_SECRET));
    shell.acctsh(&["doctor"]).exits(0);
}

/// A stand-in for Azure CLI that writes down what it is asked.
const AZ: &str = r#"#!/bin/sh
echo "$*" >> "$AZ_LOG"
case "$*" in
  *"ad app create"*) echo the-app ;;
  *"sp show --id the-app"*) echo the-principal ;;
  *"appRoles["*) echo "role-of-$(echo "$*" | sed "s/.*=='\([^']*\)'.*/\1/")" ;;
  *"sp show --id 00000002-0000-0ff1-ce00-000000000000"*) echo "$AZ_EXCHANGE" ;;
  *"sp show"*) echo the-graph ;;
  *"credential reset"*) echo the-secret ;;
  *"account show"*) echo the-tenant ;;
esac
"#;

/// Runs the script; Exchange is what the tenant has by that id, if it has any. What it said, and what it
/// asked the tenant for.
fn registered(exchange: &str) -> (Ran, String) {
    let shell = Shell::new();
    let script = shell.acctsh(&["connect"]).exits(5).out;
    shell.file("register.sh", &script).file("az", AZ);
    let az = shell.folder().join("az");
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    let output = std::process::Command::new("sh")
        .arg("register.sh")
        .current_dir(shell.folder())
        .env("PATH", format!("{}:/usr/bin:/bin", shell.folder().display()))
        .env("AZ_LOG", shell.folder().join("az.log"))
        .env("AZ_EXCHANGE", exchange)
        .output()
        .unwrap();
    (Ran::of(&output).exits(0), shell.read("az.log"))
}

#[test]
fn the_script_grants_each_permission_and_the_roles_and_says_what_connect_asks_for() {
    let (ran, asked) = registered("the-exchange");
    assert_eq!(
        ran.out,
        "tenant id:     the-tenant\nclient id:     the-app\nclient secret: the-secret\n"
    );
    for permission in [
        "User.ReadWrite.All",
        "User-PasswordProfile.ReadWrite.All",
        "User.EnableDisableAccount.All",
        "User.DeleteRestore.All",
        "User.RevokeSessions.All",
        "LicenseAssignment.ReadWrite.All",
        "Directory.Read.All",
        "Domain.Read.All",
        "Organization.Read.All",
    ] {
        let body = format!(
            r#"{{"principalId":"the-principal","resourceId":"the-graph","appRoleId":"role-of-{permission}"}}"#
        );
        assert!(asked.contains(&body), "{permission}:\n{asked}");
    }
    let exchange = r#"{"principalId":"the-principal","resourceId":"the-exchange","appRoleId":"dc50a0fb-09a3-484d-be87-e023b12c6440"}"#;
    assert!(asked.contains(exchange), "{asked}");
    assert!(asked.contains("--api 00000002-0000-0ff1-ce00-000000000000"), "{asked}");
    for role in ["fe930be7-5e62-47db-91af-98c3a49a38b1", "29232cdf-9323-42fd-ade2-1d097af3e4de"] {
        let role = format!(r#""roleDefinitionId":"{role}","directoryScopeId":"/"}}"#);
        assert!(asked.contains(&role), "{asked}");
    }
}

#[test]
fn the_script_leaves_mail_out_where_the_tenant_does_not_know_exchange() {
    let (ran, asked) = registered("");
    assert!(ran.out.starts_with("This tenant has no Exchange Online: mail is left out.\n"));
    assert!(ran.out.contains("client secret: the-secret"));
    assert!(!asked.contains("dc50a0fb"), "{asked}");
}
