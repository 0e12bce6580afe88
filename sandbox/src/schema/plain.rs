//! Resources that are only read, and come whole: names and types of their properties.

use super::Access::ReadOnly;
use super::Kind::{Bool, Int, Object, Objects, Text, Texts, Time};
use super::{ANY_LENGTH, Property, Resource, property};

/// The `directoryRole` resource.
pub(crate) static DIRECTORY_ROLE: Resource = Resource {
    name: "DirectoryRole",
    type_name: "microsoft.graph.directoryRole",
    properties: DIRECTORY_ROLE_PROPERTIES,
};

const DIRECTORY_ROLE_PROPERTIES: &[Property] = &[
    property("deletedDateTime", Time, ReadOnly, "eq").by_default(),
    property("description", Text(ANY_LENGTH), ReadOnly, "eq").by_default(),
    property("displayName", Text(ANY_LENGTH), ReadOnly, "eq").by_default(),
    property("id", Text(ANY_LENGTH), ReadOnly, "eq").by_default(),
    property("roleTemplateId", Text(ANY_LENGTH), ReadOnly, "eq").by_default(),
];

/// The `domain` resource.
pub(crate) static DOMAIN: Resource =
    Resource { name: "Domain", type_name: "microsoft.graph.domain", properties: DOMAIN_PROPERTIES };

const DOMAIN_PROPERTIES: &[Property] = &[
    property("authenticationType", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("availabilityStatus", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("id", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("isAdminManaged", Bool, ReadOnly, "").by_default(),
    property("isDefault", Bool, ReadOnly, "").by_default(),
    property("isInitial", Bool, ReadOnly, "").by_default(),
    property("isRoot", Bool, ReadOnly, "").by_default(),
    property("isVerified", Bool, ReadOnly, "").by_default(),
    property("manufacturer", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("model", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("passwordNotificationWindowInDays", Int, ReadOnly, "").by_default(),
    property("passwordValidityPeriodInDays", Int, ReadOnly, "").by_default(),
    property("state", Object, ReadOnly, "").by_default(),
    property("supportedServices", Texts, ReadOnly, "").by_default(),
];

/// The `licenseDetails` resource.
pub(crate) static LICENSE_DETAILS: Resource = Resource {
    name: "LicenseDetails",
    type_name: "microsoft.graph.licenseDetails",
    properties: LICENSE_DETAILS_PROPERTIES,
};

const LICENSE_DETAILS_PROPERTIES: &[Property] = &[
    property("id", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("servicePlans", Objects, ReadOnly, "").by_default(),
    property("skuId", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("skuPartNumber", Text(ANY_LENGTH), ReadOnly, "").by_default(),
];

/// The `organization` resource.
pub(crate) static ORGANIZATION: Resource = Resource {
    name: "Organization",
    type_name: "microsoft.graph.organization",
    properties: ORGANIZATION_PROPERTIES,
};

const ORGANIZATION_PROPERTIES: &[Property] = &[
    property("assignedPlans", Objects, ReadOnly, "").by_default(),
    property("businessPhones", Texts, ReadOnly, "").by_default(),
    property("city", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("country", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("countryLetterCode", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("createdDateTime", Time, ReadOnly, "").by_default(),
    property("defaultUsageLocation", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("deletedDateTime", Time, ReadOnly, "").by_default(),
    property("displayName", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("id", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("marketingNotificationEmails", Texts, ReadOnly, "").by_default(),
    property("mobileDeviceManagementAuthority", Object, ReadOnly, "").by_default(),
    property("onPremisesLastSyncDateTime", Time, ReadOnly, "").by_default(),
    property("onPremisesSyncEnabled", Bool, ReadOnly, "").by_default(),
    property("partnerTenantType", Object, ReadOnly, "").by_default(),
    property("postalCode", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("preferredLanguage", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("privacyProfile", Object, ReadOnly, "").by_default(),
    property("provisionedPlans", Objects, ReadOnly, "").by_default(),
    property("securityComplianceNotificationMails", Texts, ReadOnly, "").by_default(),
    property("securityComplianceNotificationPhones", Texts, ReadOnly, "").by_default(),
    property("state", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("street", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("technicalNotificationMails", Texts, ReadOnly, "").by_default(),
    property("tenantType", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("verifiedDomains", Objects, ReadOnly, "").by_default(),
];

/// The `subscribedSku` resource.
pub(crate) static SUBSCRIBED_SKU: Resource = Resource {
    name: "SubscribedSku",
    type_name: "microsoft.graph.subscribedSku",
    properties: SUBSCRIBED_SKU_PROPERTIES,
};

const SUBSCRIBED_SKU_PROPERTIES: &[Property] = &[
    property("accountId", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("accountName", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("appliesTo", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("capabilityStatus", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("consumedUnits", Int, ReadOnly, "").by_default(),
    property("id", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("prepaidUnits", Object, ReadOnly, "").by_default(),
    property("servicePlans", Objects, ReadOnly, "").by_default(),
    property("skuId", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("skuPartNumber", Text(ANY_LENGTH), ReadOnly, "").by_default(),
    property("subscriptionIds", Texts, ReadOnly, "").by_default(),
];
