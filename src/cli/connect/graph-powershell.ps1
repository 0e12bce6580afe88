# Registers the app "@APP@" in your tenant, with what acctsh needs and nothing else.
# Run it as an administrator of the tenant. It needs the module Microsoft.Graph (Install-Module Microsoft.Graph).
& {
  $ErrorActionPreference = 'Stop'
  Connect-MgGraph -NoWelcome -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'
  $graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
  $permissions = @(@PERMISSIONS@)
  $roles = @($graph.AppRoles | Where-Object { $permissions -contains $_.Value -and $_.AllowedMemberTypes -contains 'Application' })
  $access = @{ ResourceAppId = $graph.AppId; ResourceAccess = @($roles | ForEach-Object { @{ Id = $_.Id; Type = 'Role' } }) }
  $app = New-MgApplication -DisplayName '@APP@' -SignInAudience 'AzureADMyOrg' -RequiredResourceAccess @($access)
  $me = New-MgServicePrincipal -AppId $app.AppId
  foreach ($role in $roles) {
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $me.Id -PrincipalId $me.Id -ResourceId $graph.Id -AppRoleId $role.Id | Out-Null
  }
  # The role @ROLE@: the permission alone doesn't suffice to set passwords.
  New-MgRoleManagementDirectoryRoleAssignment -PrincipalId $me.Id -RoleDefinitionId '@ROLE_ID@' -DirectoryScopeId '/' | Out-Null
@CREDENTIAL@
  "tenant id:     $((Get-MgContext).TenantId)"
  "client id:     $($app.AppId)"
@SHOW@
}
