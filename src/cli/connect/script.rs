//! The script that registers the app, to be run in the tenant by one of its administrators: acctsh
//! itself never has the rights that this takes.

use clap::ValueEnum;

use crate::profile::{
    EXCHANGE_ADMINISTRATOR, EXCHANGE_APP, MANAGE_EXCHANGE, MANAGE_EXCHANGE_ID, NEEDED_PERMISSIONS,
    USER_ADMINISTRATOR,
};

/// The tool that the script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Tool {
    /// Azure CLI, which the cloud shell has.
    #[value(name = "azure-cli")]
    AzureCli,
    /// Microsoft Graph PowerShell.
    Powershell,
}

/// The name of the app registration.
pub(super) const APP: &str = "acctsh";

/// The script. `certificate` is the public part, DER in base64; without one the app gets a secret.
pub(super) fn script(tool: Tool, graph_url: &str, certificate: Option<&str>) -> String {
    let names = NEEDED_PERMISSIONS.map(|permission| permission.name);
    let (text, permissions) = match tool {
        Tool::AzureCli => (include_str!("azure-cli.sh"), names.join(" \\\n  ")),
        Tool::Powershell => {
            let quoted = names.map(|name| format!("'{name}'"));
            (include_str!("graph-powershell.ps1"), quoted.join(", "))
        }
    };
    let (credential, show) = credential(tool, certificate);
    text.replace("@APP@", APP)
        .replace("@PERMISSIONS@", &permissions)
        .replace("@GRAPH@", graph_url.trim_end_matches('/'))
        .replace("@ROLE@", USER_ADMINISTRATOR.name)
        .replace("@ROLE_ID@", &USER_ADMINISTRATOR.template.to_string())
        .replace("@EXCHANGE_APP@", &EXCHANGE_APP.to_string())
        .replace("@EXCHANGE_PERMISSION@", MANAGE_EXCHANGE.name)
        .replace("@EXCHANGE_PERMISSION_ID@", &MANAGE_EXCHANGE_ID.to_string())
        .replace("@EXCHANGE_ROLE@", EXCHANGE_ADMINISTRATOR.name)
        .replace("@EXCHANGE_ROLE_ID@", &EXCHANGE_ADMINISTRATOR.template.to_string())
        .replace("@CREDENTIAL@\n", &credential)
        .replace("@SHOW@\n", show)
}

/// The lines that give the app its credential, and those that show it.
fn credential(tool: Tool, certificate: Option<&str>) -> (String, &'static str) {
    match (tool, certificate) {
        (Tool::AzureCli, None) => (
            format!(
                "secret=$(az ad app credential reset --id \"$app\" --display-name {APP} --years 1 --query password --output tsv)\n"
            ),
            "echo \"client secret: $secret\"\n",
        ),
        (Tool::AzureCli, Some(der)) => (
            format!(
                "az ad app credential reset --id \"$app\" --append --cert '{der}' --output none\n"
            ),
            "",
        ),
        (Tool::Powershell, None) => (
            format!(
                "  $secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{{ DisplayName = '{APP}'; EndDateTime = (Get-Date).AddYears(1) }}\n"
            ),
            "  \"client secret: $($secret.SecretText)\"\n",
        ),
        (Tool::Powershell, Some(der)) => (
            format!(
                "  Update-MgApplication -ApplicationId $app.Id -KeyCredentials @(@{{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; Key = [Convert]::FromBase64String('{der}') }})\n"
            ),
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_asks_for_all_that_is_needed_and_leaves_no_placeholder() {
        for tool in [Tool::AzureCli, Tool::Powershell] {
            for certificate in [None, Some("MIIC")] {
                let text = script(tool, "https://graph.microsoft.com", certificate);
                for permission in NEEDED_PERMISSIONS {
                    assert!(text.contains(permission.name), "{}:\n{text}", permission.name);
                }
                for id in [
                    "fe930be7-5e62-47db-91af-98c3a49a38b1",
                    "00000002-0000-0ff1-ce00-000000000000",
                    "dc50a0fb-09a3-484d-be87-e023b12c6440",
                    "29232cdf-9323-42fd-ade2-1d097af3e4de",
                ] {
                    assert!(text.contains(id), "{id}:\n{text}");
                }
                assert!(text.contains("Exchange.ManageAsApp"));
                let upper = |c: char| c.is_ascii_uppercase() || c == '_';
                let left = text.split('@').skip(1).find(|rest| rest.starts_with(upper));
                assert_eq!(left, None, "a placeholder is left");
                assert_eq!(text.contains("client secret"), certificate.is_none());
                assert_eq!(text.contains("MIIC"), certificate.is_some());
            }
        }
    }
}
