//! The five products a small tenant has most, with their service plans (`graph.md` §19).

/// A product of the seed.
pub(super) struct Product {
    pub(super) sku_id: &'static str,
    pub(super) part_number: &'static str,
}

/// In the order of the columns of [`PLANS`].
pub(super) const PRODUCTS: [Product; 5] = [
    Product {
        sku_id: "3b555118-da6a-4418-894f-7df1e2096870",
        part_number: "O365_BUSINESS_ESSENTIALS",
    },
    Product {
        sku_id: "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
        part_number: "O365_BUSINESS_PREMIUM",
    },
    Product { sku_id: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", part_number: "SPB" },
    Product { sku_id: "6fd2c87f-b296-42f0-b197-1e91e994b900", part_number: "ENTERPRISEPACK" },
    Product { sku_id: "4b9405b0-7788-4568-add1-99614e613b69", part_number: "EXCHANGESTANDARD" },
];

/// The plans of the product in that column, as (id, name).
pub(super) fn plans(column: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
    PLANS
        .iter()
        .filter(move |(_, _, marks)| marks.as_bytes().get(column) == Some(&b'x'))
        .map(|(name, id, _)| (*id, *name))
}

/// Name, id, and an `x` for each product that has the plan.
#[rustfmt::skip]
const PLANS: &[(&str, &str, &str)] = &[
    ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "..x.."),
    ("AAD_SMB", "de377cbc-0019-4ec2-b77c-3f223947e102", "..x.."),
    ("ADALLOM_S_DISCOVERY", "932ad362-64a8-4783-9106-97849a1a30b9", "..x.."),
    ("ATP_ENTERPRISE", "f20fedf3-f3c3-43c3-8267-2bfdd51c0939", "..xx."),
    ("Bing_Chat_Enterprise", "0d0c0d31-fae7-41f2-b909-eaf4d7f26dba", ".xxx."),
    ("BPOS_S_DlpAddOn", "9bec7e34-c9fa-40b7-a9d1-bd6d1165c7ed", "..x.."),
    ("BPOS_S_TODO_1", "5e62787c-c316-451f-b873-1d05acd4d12c", "xxx.x"),
    ("BPOS_S_TODO_2", "c87f142c-d1e9-4363-8630-aaea9c4d9ae5", "...x."),
    ("CDS_O365_P2", "95b76021-6a53-4741-ab8b-1d1f3d66a95a", ".x.x."),
    ("CDS_O365_P3", "afa73018-811e-46e9-988f-f75d2b1b8430", "..x.."),
    ("CLIPCHAMP", "a1ace008-72f3-4ea0-8dac-33b3a23a2472", ".xx.."),
    ("ContentExplorer_Standard", "2b815d45-56e4-4e3a-b65c-66cb9175b560", "...x."),
    ("Deskless", "8c7d2df8-86f0-4902-b2ed-a0458298f3b3", ".xxx."),
    ("DYN365_CDS_O365_P2", "4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14", ".x.x."),
    ("DYN365_CDS_O365_P3", "28b0fa46-c39a-4188-89e2-58e979a6b014", "..x.."),
    ("DYN365BC_MS_INVOICING", "39b5c996-467e-4e60-bd62-46066f572726", ".xx.."),
    ("EXCHANGE_S_ARCHIVE_ADDON", "176a09a6-7ec5-4039-ac02-b2791c6ba793", "..x.."),
    ("EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0", "...x."),
    ("EXCHANGE_S_FOUNDATION", "113feb6c-3fe4-4440-bddc-54d774bf0318", "..x.."),
    ("EXCHANGE_S_STANDARD", "9aaf7827-d63c-4b61-89c3-182f06f82e5c", "xxx.x"),
    ("FLOW_O365_P1", "0f9b09cb-62d1-4ff4-9129-43f4996f83f4", "xxx.."),
    ("FLOW_O365_P2", "76846ad7-7776-4c40-a281-a386362dd1b9", "...x."),
    ("FORMS_PLAN_E1", "159f4cd6-e380-449f-a816-af1a9ef76344", "xxx.."),
    ("FORMS_PLAN_E3", "2789c901-c14e-48ab-a76a-be334d9d793a", "...x."),
    ("INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "..x.."),
    ("INTUNE_O365", "882e1d05-acd1-4ccb-8708-6ee03664b117", ".xxxx"),
    ("INTUNE_SMBIZ", "8e9ff0ff-aa7a-4b20-83c1-2f636b600ac2", "..x.."),
    ("KAIZALA_O365_P2", "54fc630f-5a40-48ee-8965-af0503c1386e", ".xx.."),
    ("KAIZALA_O365_P3", "aebd3021-9f8f-4bf8-bbe3-0ed2f4f047a1", "...x."),
    ("M365_LIGHTHOUSE_CUSTOMER_PLAN1", "6f23d6a9-adbf-481c-8538-b4c095654487", ".xxx."),
    ("M365_LIGHTHOUSE_PARTNER_PLAN1", "d55411c9-cfff-40a9-87c7-240f14df7da5", "..x.."),
    ("MCOSTANDARD", "0feaeb32-d00e-4d66-bd5a-43b5b83db82c", "xxxx."),
    ("MDE_SMB", "bfc1bbd9-981b-4f71-9b82-17c35fd0e2a4", "..x.."),
    ("MESH_AVATARS_ADDITIONAL_FOR_TEAMS", "3efbd4ed-8958-4824-8389-1321f8730af8", ".xxx."),
    ("MESH_AVATARS_FOR_TEAMS", "dcf9d2f4-772e-4434-b757-77a453cfbc02", ".xxx."),
    ("MESH_IMMERSIVE_FOR_TEAMS", "f0ff6ac6-297d-49cd-be34-6dfef97f0c28", "...x."),
    ("MFA_PREMIUM", "8a256a2b-b617-496d-b51b-e76466e88db0", "..x.."),
    ("MICROSOFT_LOOP", "c4b8c31a-fb44-4c65-9837-a21f55fcabda", ".xx.."),
    ("MICROSOFT_SEARCH", "94065c59-bc8e-4e8b-89e5-5138d471eaff", ".xxx."),
    ("MICROSOFTBOOKINGS", "199a5c09-e0ca-4e37-8f7c-b05d533e1ea2", ".xxx."),
    ("MIP_S_CLP1", "5136a095-5cf0-4aff-bec3-e84448b38ea5", "...x."),
    ("MYANALYTICS_P2", "33c4f319-9bdd-48d6-9c4d-410b750a4a5a", ".xxx."),
    ("Nucleus", "db4d623d-b514-490b-b7ef-8885eee514de", ".xxx."),
    ("O365_SB_Relationship_Management", "5bfe124c-bbdc-4494-8835-f1297d457d79", ".xx.."),
    ("OFFICE_BUSINESS", "094e7854-93fc-4d55-b2c0-3ab5369ebdc1", ".xx.."),
    ("OFFICE_SHARED_COMPUTER_ACTIVATION", "276d6e8a-f056-4f70-b7e8-4fc27f79f809", "..x.."),
    ("OFFICEMOBILE_SUBSCRIPTION", "c63d4d19-e8cb-460e-b37c-4d6c34603745", "x...."),
    ("OFFICESUBSCRIPTION", "43de0ff5-c92c-492b-9116-175376d08c38", "...x."),
    ("POWER_VIRTUAL_AGENTS_O365_P2", "041fe683-03e4-45b6-b1af-c0cdc516daee", ".x.x."),
    ("POWER_VIRTUAL_AGENTS_O365_P3", "ded3d325-1bdc-453e-8432-5bac26d7a014", "..x.."),
    ("POWERAPPS_O365_P1", "92f7a6f3-b89b-4bbd-8c30-809e6da5ad1c", "xxx.."),
    ("POWERAPPS_O365_P2", "c68f8d98-5534-41c8-bf36-22fa496fa792", "...x."),
    ("PROJECT_O365_P2", "31b4e2fc-4cd6-4e7d-9c1b-41407303bd66", ".x.x."),
    ("PROJECT_O365_P3", "b21a6b06-1988-436e-a07b-51ec6d9f52ad", "..x.."),
    ("PROJECTWORKMANAGEMENT", "b737dad2-2f6c-4c65-90e3-ca563267e8b9", "xxxx."),
    ("PURVIEW_DISCOVERY", "c948ea65-2053-4a5a-8a62-9eaaaf11b522", "..x.."),
    ("RMS_S_BASIC", "31cf2cfc-6b0d-4adc-a336-88b724ed8122", ".x..."),
    ("RMS_S_ENTERPRISE", "bea4c11e-220a-4e6d-8eb8-8ea15d019f90", "..xx."),
    ("RMS_S_PREMIUM", "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3", "..x.."),
    ("SHAREPOINTENTERPRISE", "5dbe027f-2339-4123-9542-606e4d348a72", "...x."),
    ("SHAREPOINTSTANDARD", "c7699d2e-19aa-44de-8edf-1736da088ca1", "xxx.."),
    ("SHAREPOINTWAC", "e95bec33-7c88-4a70-8e19-b10bd9d0c014", "xxxx."),
    ("STREAM_O365_E1", "743dd19e-1ce3-4c62-a3ad-49ba8f63a2f6", "..x.."),
    ("STREAM_O365_E3", "9e700747-8b1d-45e5-ab8d-ef187ceec156", "...x."),
    ("STREAM_O365_SMB", "3c53ea51-d578-46fa-a4c0-fd0a92809a60", ".x..."),
    ("SWAY", "a23b959c-7ce8-4e57-9140-b90eb88a9e97", "xxxx."),
    ("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929", "xxxx."),
    ("UNIVERSAL_PRINT_01", "795f6fe0-cc4d-4773-b050-5dde4dc704c9", "..x.."),
    ("VIVA_LEARNING_SEEDED", "b76fb638-6ba6-402a-b9f9-83d28acb3d86", ".xxx."),
    ("VIVAENGAGE_CORE", "a82fbf69-b4d7-49f4-83a6-915b2cf354f4", ".xxx."),
    ("WHITEBOARD_PLAN1", "b8afc642-032e-4de5-8c0a-507a7bba7e5d", ".xx.."),
    ("WHITEBOARD_PLAN2", "94a54592-cd8b-425e-87c6-97868b000b91", "...x."),
    ("WINBIZ", "8e229017-d77b-43d5-9305-903395523b99", "..x.."),
    ("WINDOWSUPDATEFORBUSINESS_DEPLOYMENTSERVICE", "7bf960f6-2cd9-443a-8046-5dbff9558365", "..x.."),
    ("YAMMER_ENTERPRISE", "7547a3fe-08ee-4ccb-b430-5077c5041653", "xxxx."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_product_has_the_number_of_plans_the_product_list_gives() {
        let counts: Vec<usize> = (0..PRODUCTS.len()).map(|column| plans(column).count()).collect();
        assert_eq!(counts, [13, 37, 55, 37, 3]);
    }
}
