# Registers the app "@APP@" in your tenant, with what acctsh needs and nothing else.
# Run it as an administrator of the tenant, after "az login", or at https://shell.azure.com
(
set -eu
resource=00000003-0000-0000-c000-000000000000   # Microsoft Graph
app=$(az ad app create --display-name '@APP@' --sign-in-audience AzureADMyOrg --query appId --output tsv)
az ad sp create --id "$app" --output none
me=$(az ad sp show --id "$app" --query id --output tsv)
graph=$(az ad sp show --id "$resource" --query id --output tsv)
for permission in @PERMISSIONS@
do
  role=$(az ad sp show --id "$resource" --query "appRoles[?value=='$permission'].id | [0]" --output tsv)
  az ad app permission add --id "$app" --api "$resource" --api-permissions "$role=Role" --output none
  az rest --method POST --url "@GRAPH@/v1.0/servicePrincipals/$me/appRoleAssignments" \
    --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$me\",\"resourceId\":\"$graph\",\"appRoleId\":\"$role\"}"
done
# @EXCHANGE_PERMISSION@, for mail. A tenant that never had Exchange Online doesn't know it and does without.
exchange=@EXCHANGE_APP@   # Office 365 Exchange Online
if online=$(az ad sp show --id "$exchange" --query id --output tsv 2>/dev/null) && [ -n "$online" ]
then
  az ad app permission add --id "$app" --api "$exchange" --output none \
    --api-permissions "@EXCHANGE_PERMISSION_ID@=Role"
  az rest --method POST --url "@GRAPH@/v1.0/servicePrincipals/$me/appRoleAssignments" \
    --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$me\",\"resourceId\":\"$online\",\"appRoleId\":\"@EXCHANGE_PERMISSION_ID@\"}"
else
  echo "This tenant has no Exchange Online: mail is left out."
fi
# The roles @ROLE@ and @EXCHANGE_ROLE@: without them the permissions don't suffice to set passwords
# and to manage mail.
for role in @ROLE_ID@ @EXCHANGE_ROLE_ID@
do
  az rest --method POST --url "@GRAPH@/v1.0/roleManagement/directory/roleAssignments" \
    --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$me\",\"roleDefinitionId\":\"$role\",\"directoryScopeId\":\"/\"}"
done
@CREDENTIAL@
echo "tenant id:     $(az account show --query tenantId --output tsv)"
echo "client id:     $app"
@SHOW@
)
