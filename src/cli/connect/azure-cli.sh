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
# The role @ROLE@: the permission alone doesn't suffice to set passwords.
az rest --method POST --url "@GRAPH@/v1.0/roleManagement/directory/roleAssignments" \
  --headers Content-Type=application/json --output none \
  --body "{\"principalId\":\"$me\",\"roleDefinitionId\":\"@ROLE_ID@\",\"directoryScopeId\":\"/\"}"
@CREDENTIAL@
echo "tenant id:     $(az account show --query tenantId --output tsv)"
echo "client id:     $app"
@SHOW@
)
