//! Who reports to whom: a person by name, written on both sides.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

#[test]
fn a_manager_is_set_on_both_sides_and_cleared_again() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    let set = r#"account("person.0001").set(#{ manager: "person.0002" })"#;
    shell.acctsh(&["-c", set, "--what-if"]).exits(0).prints("manager: → person.0002");
    shell.acctsh(&["-c", set, "--yes"]).exits(0);
    assert_eq!(shell.value(r#"account("person.0001").manager"#), json!("person.0002"));
    let online = tenant.graph("users/person.0001@contoso.com/manager?$select=userPrincipalName");
    assert_eq!(online["userPrincipalName"], "person.0002@contoso.com");
    shell.acctsh(&["-c", set, "--yes"]).exits(0).says("complete already");

    shell.acctsh(&["-c", &set.replace("person.0002", "nobody.here"), "--yes"]).exits(2);
    let clear = r#"account("person.0001").set(#{ manager: () })"#;
    shell.acctsh(&["-c", clear, "--yes"]).exits(0);
    assert_eq!(shell.value(r#"account("person.0001").manager == ()"#), json!(true));
    let online = tenant.graph("users/person.0001@contoso.com/manager");
    assert_eq!(online["error"]["code"], "Request_ResourceNotFound");
}
