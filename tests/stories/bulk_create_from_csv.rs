//! A CSV file becomes users, online accounts and licences with one command.

use serde_json::{Value, json};

use crate::story::{Ran, Shell, Tenant, people};

/// The header of the template that the Microsoft 365 admin center offers.
const TEMPLATE: &str = "User Name,First Name,Last Name,Display Name,Job Title,Department,Office Number,\
    Office Phone,Mobile Phone,Fax,Alternate email address,Address,City,State or Province,\
    ZIP or Postal Code,Country or Region";

/// Runs the bulk create over `people.csv`, with further options.
fn create(shell: &Shell, csv: &str, options: &[&str]) -> Ran {
    shell.file("people.csv", csv);
    let arguments = [&["run", "bulk-create", "--csv", "people.csv", "--yes"], options].concat();
    shell.acctsh(&arguments)
}

/// The properties of an online account that the stories look at, as any Graph client sees them.
fn online(tenant: &Tenant, online_id: &str) -> Value {
    tenant.graph(&format!(
        "users/{online_id}?$select=userPrincipalName,givenName,surname,displayName,jobTitle,department,\
         officeLocation,businessPhones,mobilePhone,faxNumber,otherMails,streetAddress,city,state,postalCode,\
         country,usageLocation,employeeId,accountEnabled"
    ))
}

/// The services of an online account's licences that are off.
fn services_off(tenant: &Tenant, online_id: &str) -> Vec<String> {
    let details = tenant.graph(&format!("users/{online_id}/licenseDetails"));
    let plans = details["value"].as_array().unwrap().iter();
    let plans = plans.flat_map(|license| license["servicePlans"].as_array().unwrap());
    let off = plans.filter(|plan| plan["provisioningStatus"] == "Disabled");
    off.map(|plan| plan["servicePlanName"].as_str().unwrap().to_owned()).collect()
}

/// A user without online account, as an earlier day left one behind.
fn user_only(shell: &Shell, fields: &str) {
    let code = format!("create_account(#{{ {fields}, online: false }})");
    shell.acctsh(&["-c", &code, "--yes"]).exits(0);
}

#[test]
fn everyone_in_the_file_gets_a_user_an_online_account_and_a_licence() {
    let shell = Shell::new();
    create(&shell, &people(3), &[])
        .exits(0)
        .says("Plan: 3 users to create, 3 online accounts to create, 3 accounts to license.")
        .says("Seats of Microsoft 365 Business Basic: 3 needed, 10000 free.")
        .says("3 done")
        .prints("person.0001@contoso.com");

    let accounts = shell.value(r#"accounts("person.*")"#);
    assert_eq!(accounts.as_array().unwrap().len(), 3);
    for account in accounts.as_array().unwrap() {
        assert_eq!(account["status"], "active");
        assert_eq!(account["licenses"][0], "Microsoft 365 Business Basic");
    }
}

#[test]
fn running_it_again_finds_nothing_to_do() {
    let shell = Shell::new();
    create(&shell, &people(3), &[]).exits(0);
    let files = shell.files();
    create(&shell, &people(3), &[]).exits(0).says("3 people complete already");
    assert_eq!(shell.files(), files, "a run that does nothing leaves no files");
}

#[test]
fn the_microsoft_365_template_is_taken_as_it_is_with_whole_online_ids_as_user_names() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    let row = "amara.okafor@contoso.com,Amara,Okafor,Amara Okafor,Controller,Finance,3.14,+49 30 5550101,\
        +49 170 5550101,+49 30 5550199,amara@example.com,Lindenweg 1,Berlin,Brandenburg,10117,Germany";
    create(shell.uses(&tenant), &format!("{TEMPLATE}\r\n{row}\r\n"), &[]).exits(0).says("1 done");

    let account = shell.value(r#"account("amara.okafor")"#);
    let account = account.as_array().map_or(&account, |list| &list[0]);
    assert_eq!(account["user_name"], "amara.okafor", "the user is called without the domain");
    assert_eq!(account["office"], "3.14");
    assert_eq!(account["alternate_email"], "amara@example.com");
    let online = online(&tenant, "amara.okafor@contoso.com");
    let expected = json!({
        "userPrincipalName": "amara.okafor@contoso.com", "givenName": "Amara", "surname": "Okafor",
        "displayName": "Amara Okafor", "jobTitle": "Controller", "department": "Finance",
        "officeLocation": "3.14", "businessPhones": ["+49 30 5550101"], "mobilePhone": "+49 170 5550101",
        "faxNumber": "+49 30 5550199", "otherMails": ["amara@example.com"], "streetAddress": "Lindenweg 1",
        "city": "Berlin", "state": "Brandenburg", "postalCode": "10117", "country": "Germany",
        "usageLocation": "DE", "accountEnabled": true,
    });
    for (property, value) in expected.as_object().unwrap() {
        assert_eq!(&online[property], value, "{property}");
    }
}

#[test]
fn own_headers_semicolons_and_a_byte_order_mark_are_understood() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    let csv = "\u{feff}USER_NAME;first name;LastName;Employee ID;licenses;without\r\n\
        eva.li;Eva;\"Li; Berg\";1001;Office 365 E3;Teams\r\n\
        tim.ode;Tim;Ode;1002;;\r\n";
    create(shell.uses(&tenant), csv, &[]).exits(0);

    let accounts = shell.value(r#"accounts(["eva.li", "tim.ode"])"#);
    assert_eq!(accounts[0]["licenses"], json!(["Office 365 E3"]));
    assert_eq!(
        accounts[1]["licenses"],
        json!(["Microsoft 365 Business Basic"]),
        "an empty cell takes the default"
    );
    assert_eq!(online(&tenant, "eva.li@contoso.com")["surname"], "Li; Berg");
    assert_eq!(online(&tenant, "eva.li@contoso.com")["employeeId"], "1001");
    assert_eq!(services_off(&tenant, "eva.li@contoso.com"), ["TEAMS1"]);
    assert!(services_off(&tenant, "tim.ode@contoso.com").is_empty());
}

#[test]
fn a_given_password_is_used_and_an_empty_one_is_made_up() {
    let shell = Shell::new();
    create(&shell, "User Name,Password\neva,Kettle-Harbor-47\ntim,\n", &[]).exits(0);
    let passwords = shell.passwords();
    assert_eq!(passwords["eva"], "Kettle-Harbor-47");
    assert!(passwords["tim"].len() >= 16, "made up");
}

#[test]
fn without_teams_means_that_the_service_is_off_online() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    create(shell.uses(&tenant), "User Name\neva\n", &["--without", "Teams"]).exits(0);
    assert_eq!(services_off(&tenant, "eva@contoso.com"), ["TEAMS1"]);
}

#[test]
fn licences_for_everybody_are_named_by_product_name_part_number_or_id() {
    let shell = Shell::new();
    let options = ["--licenses", "O365_BUSINESS_PREMIUM"];
    create(&shell, "User Name,Licenses\neva,\ntim,EXCHANGESTANDARD\n", &options).exits(0);
    let accounts = shell.value(r#"accounts(["eva", "tim"])"#);
    assert_eq!(accounts[0]["licenses"], json!(["Microsoft 365 Business Standard"]));
    assert_eq!(
        accounts[1]["licenses"],
        json!(["Exchange Online (Plan 1)"]),
        "the row's own wish goes first"
    );

    let id = shell.value(r#"license("Office 365 E3").id"#);
    let by_id = format!("User Name,Licenses\nada,{}\n", id.as_str().unwrap());
    create(&shell, &by_id, &[]).exits(0);
    assert_eq!(shell.value(r#"accounts(["ada"])"#)[0]["licenses"], json!(["Office 365 E3"]));
}

#[test]
fn people_passed_over_get_nothing_and_are_named() {
    let shell = Shell::new();
    create(&shell, "User Name\neva\ntim@contoso.com\nada\n", &["--except", "EVA,tim"])
        .exits(0)
        .says("2 passed over as you asked: eva, tim@contoso.com")
        .says("1 done");
    assert_eq!(
        shell.value(r#"accounts("*").map(|a| a.user_name)"#),
        json!(["Administrator", "Guest", "ada"])
    );
}

#[test]
fn online_ids_are_suggested_in_the_domain_asked_for_and_a_column_overrides_them() {
    let shell = Shell::new();
    let csv = "User Name,Online ID\nBjörn.Åström,\neva,eva.li\ntim,t.ode@contoso.com\n";
    create(&shell, csv, &["--domain", "contoso.onmicrosoft.com"]).exits(0);
    assert_eq!(
        shell.value(r#"accounts(["björn.åström", "eva", "tim"]).map(|a| a.online_id)"#),
        json!([
            "bjorn.astrom@contoso.onmicrosoft.com",
            "eva.li@contoso.onmicrosoft.com",
            "t.ode@contoso.com"
        ])
    );
}

#[test]
fn the_only_custom_domain_is_taken_where_the_default_is_microsofts_own() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    tenant.knob("PUT", "domains/contoso.onmicrosoft.com", Some(json!({ "default": true })));
    create(shell.uses(&tenant), "User Name\neva\n", &[]).exits(0).prints("eva@contoso.com");

    let second = json!({ "verified": true });
    tenant.knob("PUT", "domains/fabrikam.com", Some(second));
    create(&shell, "User Name\ntim\n", &[])
        .exits(2)
        .says("people.csv:2: tim")
        .says("--domain: ")
        .says("fabrikam.com");
    create(&shell, "User Name\ntim\n", &["--domain", "fabrikam.com"])
        .exits(0)
        .prints("tim@fabrikam.com");
}

#[test]
fn the_usage_location_follows_the_country_unless_the_row_says_otherwise() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    let csv = "User Name,Country or Region,Usage Location\n\
        eva,Germany,\ntim,united kingdom,\nada,Germany,fr\nzoe,,\nkim,Czechia,Switzerland\n";
    create(shell.uses(&tenant), csv, &[]).exits(0);
    for (user, location) in
        [("eva", "DE"), ("tim", "GB"), ("ada", "FR"), ("zoe", "US"), ("kim", "CH")]
    {
        assert_eq!(
            online(&tenant, &format!("{user}@contoso.com"))["usageLocation"],
            location,
            "{user}"
        );
    }
}

#[test]
fn a_user_who_is_the_same_person_gets_what_is_missing_and_differences_are_listed_and_left() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant);
    user_only(
        &shell,
        r#"user_name: "eva", first_name: "Eva", last_name: "Li", employee_id: "1001", city: "Lyon""#,
    );
    let csv = "User Name,First Name,Last Name,Employee ID,City\neva,Eva,Li-Berg,1001,Berlin\n";
    create(&shell, csv, &[])
        .exits(0)
        .says("people.csv:2: eva: last_name: last_name stays Li; the row says Li-Berg")
        .says("people.csv:2: eva: city: city stays Lyon; the row says Berlin")
        .says("Plan: 1 online account to create, 1 account to license.");
    assert_eq!(shell.value(r#"account("eva").last_name"#), "Li", "listed, and left");
    assert_eq!(
        online(&tenant, "eva@contoso.com")["city"],
        "Lyon",
        "the user's own value counts online too"
    );
}

#[test]
fn without_a_personnel_number_the_names_that_are_given_decide_who_is_the_same_person() {
    let shell = Shell::new();
    user_only(&shell, r#"user_name: "eva", first_name: "Eva", last_name: "Li""#);
    create(&shell, "User Name,First Name,Last Name\neva,EVA,Berg\n", &[])
        .exits(2)
        .says("people.csv:2: eva: last_name: the user name is held by somebody else (Eva Li)")
        .says("last_name is Li there, Berg here")
        .says("choose another user name, or correct the row if it is the same person");
    assert_eq!(shell.value(r#"account("eva").status"#), "none", "nothing was written");

    create(&shell, "User Name,First Name,Employee ID\neva,EVA,1001\n", &[]).exits(0);
    assert_eq!(shell.value(r#"account("eva").status"#), "active");
}

#[test]
fn another_personnel_number_means_another_person_whatever_the_names_say() {
    let shell = Shell::new();
    user_only(
        &shell,
        r#"user_name: "eva", first_name: "Eva", last_name: "Li", employee_id: "1001""#,
    );
    create(&shell, "User Name,First Name,Last Name,Employee ID\neva,Eva,Li,2002\n", &[])
        .exits(2)
        .says("people.csv:2: eva: employee_id: the user name is held by somebody else (Eva Li)")
        .says("employee_id is 1001 there, 2002 here");
    assert_eq!(shell.value(r#"account("eva").status"#), "none");
}

#[test]
fn a_user_who_is_there_keeps_the_password_and_the_one_given_is_for_the_online_account() {
    let shell = Shell::new();
    user_only(&shell, r#"user_name: "eva", password: "Kettle-Harbor-47""#);
    create(&shell, "User Name,Password\neva,Lantern-Meadow-82\n", &["--handover", "letters"])
        .exits(0)
        .says("people.csv:2: eva")
        .says("the user keeps its password; the one given is for the online account");
    assert!(shell.read("letters/eva.txt").contains("Lantern-Meadow-82"));
}

#[test]
fn an_online_account_without_user_that_looks_the_same_is_a_warning_not_an_obstacle() {
    let shell = Shell::new();
    create(&shell, "User Name,First Name,Last Name,Employee ID\neva,Eva,Li,1001\n", &[]).exits(0);
    // Another admin's directory, the same tenant: there the online account has no user.
    let tenant = shell.home().join("profiles/sandbox/tenant.db");
    let other = Shell::new();
    std::fs::create_dir_all(other.home().join("profiles/sandbox")).unwrap();
    for (path, bytes) in crate::story::bytes_under(tenant.parent().unwrap()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("tenant.db") {
            std::fs::write(other.home().join("profiles/sandbox").join(name), bytes).unwrap();
        }
    }
    create(&other, "User Name,First Name,Last Name,Employee ID\ne.li,Eva,Li,1001\n", &[])
        .exits(0)
        .says("warning: people.csv:2: e.li: online_id: the online account eva@contoso.com has no user")
        .says("is that the same person? then assign that account instead");
    create(&other, "User Name\neva\n", &[])
        .exits(2)
        .says("people.csv:2: eva: online_id: eva@contoso.com is held by an online account without user (Eva Li)");
}

#[test]
fn who_was_deleted_lately_is_named_with_the_advice_to_restore() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant);
    create(&shell, "User Name,First Name,Last Name\neva,Eva,Li\n", &[]).exits(0);
    tenant.graph_delete("users/eva@contoso.com");

    // Her user remembers the account that is gone.
    let again = create(&shell, "User Name,First Name,Last Name\neva,Eva,Li\n", &["--what-if"]);
    again
        .exits(0)
        .says("warning: people.csv:2: eva: online_id: its online account eva@contoso.com is in the recycle bin")
        .says("restore that account instead");

    // Somebody of the same name, in a directory that never knew her.
    let other = Shell::new();
    other.uses(&tenant);
    create(&other, "User Name,First Name,Last Name\neva,Eva,Li\n", &[])
        .exits(0)
        .says("eva@contoso.com (Eva Li) was deleted on")
        .says("restore that account instead");
}
