// Key Vault with the key that wraps the service's token signing keys at rest. It never leaves the vault.
param vaultName string
param location string
param tags object
param privateNetwork bool
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string
param allowedIpRanges array
param workspaceId string
param servicePrincipalId string

var keyVaultCryptoUser = '12338af0-0e69-4776-bea7-57ae8d297424'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  // checkov:skip=CKV_AZURE_109:it is Deny with privateNetwork; without, the service has no address to admit, and only its role opens the key
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
      ipRules: [for range in allowedIpRanges: { value: range }]
    }
  }

  resource wrappingKey 'keys' = {
    // checkov:skip=CKV_AZURE_112:the standard vault holds software keys; an HSM key needs the premium one
    // checkov:skip=CKV_AZURE_40:a key that expires would make every signing key it wraps unreadable
    name: 'signing-key-encryption'
    properties: {
      kty: 'RSA'
      keySize: 3072
      keyOps: ['wrapKey', 'unwrapKey']
    }
  }
}

resource cryptoUser 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::wrappingKey
  name: guid(vault::wrappingKey.id, servicePrincipalId, keyVaultCryptoUser)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultCryptoUser)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

output vaultId string = vault.id
output keyUri string = vault::wrappingKey.properties.keyUri
