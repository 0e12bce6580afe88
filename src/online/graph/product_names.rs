//! Product names by SKU id (`graph.md §19`): what the tenant itself doesn't tell.
//!
//! Part numbers aren't stable names, so the table goes by id.

use uuid::{Uuid, uuid};

use crate::model::SkuId;

/// The product's name as Microsoft's list has it; `None` for a product that isn't in it.
pub(super) fn of(sku: SkuId) -> Option<&'static str> {
    PRODUCTS.iter().find(|(id, _)| *id == sku.0).map(|(_, name)| *name)
}

#[rustfmt::skip]
static PRODUCTS: &[(Uuid, &str)] = &[
    (uuid!("00e1ec7b-e4a3-40d1-9441-b69b597ab222"), "Microsoft 365 Business Premium (no Teams)"),
    (uuid!("05e9a617-0261-4cee-bb44-138d3ef5d965"), "Microsoft 365 E3"),
    (uuid!("061f9ace-7d42-4136-88ac-31dc755f143f"), "Intune"),
    (uuid!("06ebc4ee-1bb5-47dd-8120-11324bc54e06"), "Microsoft 365 E5"),
    (uuid!("078d2b04-f1bd-4111-bbd4-b4b1b354cef4"), "Microsoft Entra ID P1"),
    (uuid!("0c266dff-15dd-4b49-8397-2bb16070ed52"), "Microsoft 365 Audio Conferencing"),
    (uuid!("18181a46-0d4e-45cd-891e-60aabd171b4e"), "Office 365 E1"),
    (uuid!("19ec0d23-8335-4cbd-94ac-6050e30712fa"), "Exchange Online (Plan 2)"),
    (uuid!("1fc08a02-8b3d-43b9-831e-f76859e04e1a"), "SharePoint Online (Plan 1)"),
    (uuid!("21502a13-c8dc-4744-be9c-177fd9d2eafc"), "Microsoft 365 Business Basic (no Teams)"),
    (uuid!("3ab6abff-666f-4424-bfb7-f0bc274ec7bc"), "Microsoft Teams Essentials (AAD Identity)"),
    (uuid!("3b555118-da6a-4418-894f-7df1e2096870"), "Microsoft 365 Business Basic"),
    (uuid!("4b585984-651b-448a-9e53-3b10f069cf7f"), "Office 365 F3"),
    (uuid!("4b9405b0-7788-4568-add1-99614e613b69"), "Exchange Online (Plan 1)"),
    (uuid!("4ef96642-f096-40de-a3e9-d83fb2f90211"), "Microsoft Defender for Office 365 (Plan 1)"),
    (uuid!("53818b1b-4a27-454b-8896-0dba576410e6"), "Planner and Project Plan 3"),
    (uuid!("5a1c7b8d-0739-4ca8-bf69-ec87e69133ac"), "Microsoft 365 Business Standard (no Teams)"),
    (uuid!("639dec6b-bb19-468b-871c-c5c441c4b0cb"), "Microsoft Copilot for Microsoft 365"),
    (uuid!("66b55226-6b4f-492c-910c-a3b7a3c9d993"), "Microsoft 365 F3"),
    (uuid!("6fd2c87f-b296-42f0-b197-1e91e994b900"), "Office 365 E3"),
    (uuid!("80b2d799-d2ba-4d2a-8842-fb0d0f3a4b82"), "Exchange Online Kiosk"),
    (uuid!("84a661c4-e949-4bd2-a560-ed7766fcaf2b"), "Microsoft Entra ID P2"),
    (uuid!("a3f586b6-8cce-4d9b-99d6-55238397f77a"), "Microsoft 365 Business Premium EEA (no Teams)"),
    (uuid!("a403ebcc-fae0-4ca2-8c8c-7a907fd6c235"), "Microsoft Fabric (Free)"),
    (uuid!("ac5cef5d-921b-4f97-9ef3-c99076e5470f"), "Microsoft 365 Business Standard - Prepaid Legacy"),
    (uuid!("b05e124f-c7cc-45a0-a6aa-8cf78c946968"), "Enterprise Mobility + Security E5"),
    (uuid!("b1f3042b-a390-4b56-ab61-b88e7e767a97"), "Microsoft 365 Business Basic EEA (no Teams)"),
    (uuid!("c1f79c29-5d7a-4bec-a2c1-1a76774864c0"), "Microsoft 365 Business Standard EEA (no Teams)"),
    (uuid!("c2273bd0-dff7-4215-9ef5-2c7bcfb06425"), "Microsoft 365 Apps for Enterprise"),
    (uuid!("c5928f49-12ba-48f7-ada3-0d743a3601d5"), "Visio Plan 2"),
    (uuid!("c7df2760-2c81-4ef7-b578-5b5392b571df"), "Office 365 E5"),
    (uuid!("cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"), "Microsoft 365 Business Premium"),
    (uuid!("cdd28e44-67e3-425e-be4c-737fab2899d3"), "Microsoft 365 Apps for Business"),
    (uuid!("dab7782a-93b1-4074-8bb1-0e61318bea0b"), "Microsoft 365 Business Basic"),
    (uuid!("e43b5b99-8dfb-405f-9987-dc307f34bcbd"), "Microsoft Teams Phone Standard"),
    (uuid!("ee02fd1b-340e-4a4b-b355-4a514e4c8943"), "Exchange Online Archiving for Exchange Online"),
    (uuid!("efccb6f7-5641-4e0e-bd10-b4976e1bf68e"), "Enterprise Mobility + Security E3"),
    (uuid!("f245ecc8-75af-4f8e-b61f-27d8114de5f3"), "Microsoft 365 Business Standard"),
    (uuid!("f30db892-07e9-47e9-837c-80727f46fd3d"), "Microsoft Power Automate Free"),
    (uuid!("f8a1db68-be16-40ed-86d5-cb42ce701560"), "Power BI Pro"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_named_by_its_id_not_by_its_misleading_part_number() {
        // Its part number is O365_BUSINESS_PREMIUM.
        let standard = SkuId(uuid!("f245ecc8-75af-4f8e-b61f-27d8114de5f3"));
        assert_eq!(of(standard), Some("Microsoft 365 Business Standard"));
        assert_eq!(of(SkuId(Uuid::nil())), None);
    }

    #[test]
    fn no_product_is_listed_twice() {
        let ids: std::collections::HashSet<_> = PRODUCTS.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), PRODUCTS.len());
    }
}
