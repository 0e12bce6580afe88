# Registers the app "@APP@" in your tenant, with what acctsh needs and nothing else.
# Run it as an administrator of the tenant. It needs the module Microsoft.Graph (Install-Module Microsoft.Graph).
& {
  $ErrorActionPreference = 'Stop'
  Connect-MgGraph -NoWelcome -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'
  $graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
  $permissions = @(@PERMISSIONS@)
  $roles = @($graph.AppRoles | Where-Object { $permissions -contains $_.Value -and $_.AllowedMemberTypes -contains 'Application' })
  $access = @{ ResourceAppId = $graph.AppId; ResourceAccess = @($roles | ForEach-Object { @{ Id = $_.Id; Type = 'Role' } }) }
  # @EXCHANGE_PERMISSION@, for mail. A tenant that never had Exchange Online doesn't know it and does without.
  $exchange = Get-MgServicePrincipal -Filter "appId eq '@EXCHANGE_APP@'"
  $accesses = @($access)
  if ($exchange) {
    $accesses += @{ ResourceAppId = $exchange.AppId; ResourceAccess = @(@{ Id = '@EXCHANGE_PERMISSION_ID@'; Type = 'Role' }) }
  }
  $app = New-MgApplication -DisplayName '@APP@' -SignInAudience 'AzureADMyOrg' -RequiredResourceAccess $accesses
  $me = New-MgServicePrincipal -AppId $app.AppId
  foreach ($role in $roles) {
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $me.Id -PrincipalId $me.Id -ResourceId $graph.Id -AppRoleId $role.Id | Out-Null
  }
  if ($exchange) {
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $me.Id -PrincipalId $me.Id -ResourceId $exchange.Id -AppRoleId '@EXCHANGE_PERMISSION_ID@' | Out-Null
  } else {
    'This tenant has no Exchange Online: mail is left out.'
  }
  # The roles @ROLE@ and @EXCHANGE_ROLE@: without them the permissions don't suffice to set passwords
  # and to manage mail.
  foreach ($role in '@ROLE_ID@', '@EXCHANGE_ROLE_ID@') {
    New-MgRoleManagementDirectoryRoleAssignment -PrincipalId $me.Id -RoleDefinitionId $role -DirectoryScopeId '/' | Out-Null
  }
@CREDENTIAL@
  "tenant id:     $((Get-MgContext).TenantId)"
  "client id:     $($app.AppId)"
@SHOW@
}
