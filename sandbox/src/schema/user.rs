//! The properties of a user: type, who may write it, which filter operators it takes.
//!
//! Kept level with the `user` schema of the machine-readable description; the operators are those its
//! descriptions list. Lengths are `graph.md` §4.2's.

use super::Access::{Delegated, Outside, ReadOnly, Write};
use super::Kind::{Bool, Int, Object, Objects, Text, Texts, Time};
use super::{ANY_LENGTH, Property, Resource, property};

const ALL: &str = "eq ne not ge le in startsWith null";
const PICK: &str = "eq ne not in";
const RANGE: &str = "eq ne not ge le in";

/// The `user` resource.
pub(crate) static USER: Resource =
    Resource { name: "User", type_name: "microsoft.graph.user", properties: PROPERTIES };

/// In alphabetical order.
const PROPERTIES: &[Property] = &[
    property("aboutMe", Text(ANY_LENGTH), Outside, ""),
    property("accountEnabled", Bool, Write, PICK).not_null(),
    property("ageGroup", Text(ANY_LENGTH), Write, PICK),
    property("assignedLicenses", Objects, ReadOnly, "eq not count"),
    property("assignedPlans", Objects, ReadOnly, "eq not"),
    property("authorizationInfo", Object, ReadOnly, ""),
    property("birthday", Time, Outside, ""),
    property("businessPhones", Texts, Write, "eq not ge le startsWith").by_default(),
    property("city", Text(128), Write, ALL),
    property("companyName", Text(64), Write, ALL),
    property("consentProvidedForMinor", Text(ANY_LENGTH), Write, PICK),
    property("country", Text(128), Write, ALL),
    property("createdDateTime", Time, ReadOnly, RANGE),
    property("creationType", Text(ANY_LENGTH), ReadOnly, PICK),
    property("customSecurityAttributes", Object, ReadOnly, ""),
    property("deletedDateTime", Time, ReadOnly, ""),
    property("department", Text(64), Write, "eq ne not ge le in null"),
    property("deviceEnrollmentLimit", Int, ReadOnly, ""),
    property("displayName", Text(256), Write, ALL).not_null().by_default(),
    property("employeeHireDate", Time, Delegated, RANGE),
    property("employeeId", Text(16), Write, ALL),
    property("employeeLeaveDateTime", Time, Delegated, RANGE),
    property("employeeOrgData", Object, Write, ""),
    property("employeeType", Text(ANY_LENGTH), Write, "eq ne not ge le in startsWith"),
    property("externalUserState", Text(ANY_LENGTH), ReadOnly, PICK),
    property("externalUserStateChangeDateTime", Time, ReadOnly, PICK),
    property("faxNumber", Text(ANY_LENGTH), Write, ALL),
    property("givenName", Text(64), Write, ALL).by_default(),
    property("hireDate", Time, Outside, ""),
    property("id", Text(ANY_LENGTH), ReadOnly, PICK).by_default(),
    property("identities", Objects, Write, "eq").not_null(),
    property("identityParentId", Text(ANY_LENGTH), ReadOnly, ""),
    property("imAddresses", Texts, ReadOnly, "eq not ge le startsWith"),
    property("interests", Texts, Outside, ""),
    property("isManagementRestricted", Bool, ReadOnly, ""),
    property("isResourceAccount", Bool, ReadOnly, ""),
    property("jobTitle", Text(128), Write, ALL).by_default(),
    property("lastPasswordChangeDateTime", Time, ReadOnly, ""),
    property("legalAgeGroupClassification", Text(ANY_LENGTH), ReadOnly, ""),
    property("licenseAssignmentStates", Objects, ReadOnly, ""),
    property("mail", Text(ANY_LENGTH), Write, "eq ne not ge le in startsWith endsWith null")
        .not_null()
        .by_default(),
    property("mailNickname", Text(64), Write, ALL).not_null(),
    property("mailboxSettings", Object, Outside, ""),
    property("mobilePhone", Text(64), Write, ALL).by_default(),
    property("mySite", Text(ANY_LENGTH), Outside, ""),
    property("officeLocation", Text(ANY_LENGTH), Write, ALL).by_default(),
    property("onPremisesDistinguishedName", Text(ANY_LENGTH), ReadOnly, ""),
    property("onPremisesDomainName", Text(ANY_LENGTH), ReadOnly, ""),
    property("onPremisesExtensionAttributes", Object, Write, ""),
    property("onPremisesImmutableId", Text(ANY_LENGTH), Write, RANGE),
    property("onPremisesLastSyncDateTime", Time, ReadOnly, RANGE),
    property("onPremisesProvisioningErrors", Objects, ReadOnly, "eq not ge le"),
    property(
        "onPremisesSamAccountName",
        Text(ANY_LENGTH),
        ReadOnly,
        "eq ne not ge le in startsWith",
    ),
    property("onPremisesSecurityIdentifier", Text(ANY_LENGTH), ReadOnly, "eq null"),
    property("onPremisesSyncEnabled", Bool, ReadOnly, "eq ne not in null"),
    property(
        "onPremisesUserPrincipalName",
        Text(ANY_LENGTH),
        ReadOnly,
        "eq ne not ge le in startsWith",
    ),
    property("otherMails", Texts, Write, "eq not ge le in startsWith endsWith count"),
    property("passwordPolicies", Text(ANY_LENGTH), Write, "ne not null"),
    property("passwordProfile", Object, Write, ""),
    property("pastProjects", Texts, Outside, ""),
    property("postalCode", Text(40), Write, ALL),
    property("preferredDataLocation", Text(ANY_LENGTH), Write, ""),
    property("preferredLanguage", Text(ANY_LENGTH), Write, ALL).by_default(),
    property("preferredName", Text(ANY_LENGTH), Outside, ""),
    property("print", Object, ReadOnly, ""),
    property("provisionedPlans", Objects, ReadOnly, "eq not ge le"),
    property("proxyAddresses", Texts, ReadOnly, "eq not ge le startsWith endsWith count"),
    property("responsibilities", Texts, Outside, ""),
    property("schools", Texts, Outside, ""),
    property("securityIdentifier", Text(ANY_LENGTH), ReadOnly, "eq not ge le startsWith"),
    property("serviceProvisioningErrors", Objects, ReadOnly, "eq not"),
    property("showInAddressList", Bool, Write, ""),
    property("signInActivity", Object, ReadOnly, ""),
    property("signInSessionsValidFromDateTime", Time, ReadOnly, ""),
    property("skills", Texts, Outside, ""),
    property("state", Text(128), Write, ALL),
    property("streetAddress", Text(1024), Write, ALL),
    property("surname", Text(64), Write, ALL).by_default(),
    property("usageLocation", Text(ANY_LENGTH), Write, ALL).not_null(),
    property("userPrincipalName", Text(113), Write, "eq ne not ge le in startsWith endsWith")
        .not_null()
        .by_default(),
    property("userType", Text(ANY_LENGTH), Write, "eq ne not in null"),
];
