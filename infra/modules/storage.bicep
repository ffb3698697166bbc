// Two accounts: the Functions host's own (leases, keys, deployment packages), and the directory's. Apart, the host's
// traffic does not count against the directory's 20,000 requests per second, and each role reaches one of them only.
param hostAccountName string
param dataAccountName string
param location string
param tags object
param privateNetwork bool
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string
param allowedIpRanges array
param zoneRedundant bool
param geoRedundant bool
param lockData bool
param diagnosticLogs bool
param workspaceId string
param servicePrincipalId string
param operatorId string
param operatorType string

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var tables = ['directory', 'identity']
var localSku = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
var geoSku = zoneRedundant ? 'Standard_GZRS' : 'Standard_GRS'
var requestLogs = ['StorageRead', 'StorageWrite', 'StorageDelete']

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  // checkov:skip=CKV_AZURE_35:it is Deny with privateNetwork; without a network of its own, Flex Consumption has no address to admit, and no key is accepted
  // checkov:skip=CKV_AZURE_206:leases, keys and packages come back with the next deployment; zoneRedundant makes it ZRS
  // checkov:skip=CKV_AZURE_43:the name is a prefix and a hash, made in main.bicep: at most 19 lower-case letters and digits
  name: hostAccountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: localSku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource packages 'containers' = {
      name: 'packages'
      properties: { publicAccess: 'None' }
    }
  }
}

resource dataAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  // checkov:skip=CKV_AZURE_35:it is Deny with privateNetwork; without a network of its own, Flex Consumption has no address to admit, and no key is accepted
  // checkov:skip=CKV_AZURE_206:geoRedundant makes it GRS or GZRS; off by default because it doubles the price
  // checkov:skip=CKV_AZURE_43:the name is a prefix and a hash, made in main.bicep: at most 19 lower-case letters and digits
  name: dataAccountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: geoRedundant ? geoSku : localSku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
      ipRules: [for range in allowedIpRanges: { value: range, action: 'Allow' }]
    }
  }

  resource tableService 'tableServices' = {
    name: 'default'
  }
}

resource dataTables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [for table in tables: {
  parent: dataAccount::tableService
  name: table
}]

resource dataLock 'Microsoft.Authorization/locks@2020-05-01' = if (lockData) {
  scope: dataAccount
  name: 'directory'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds every customer\'s directory.'
  }
}

resource hostRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostAccount
  name: guid(hostAccount.id, servicePrincipalId, storageBlobDataOwner)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource dataRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataAccount
  name: guid(dataAccount.id, servicePrincipalId, storageTableDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageTableDataContributor)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource operatorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: dataAccount
  name: guid(dataAccount.id, operatorId, storageTableDataContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageTableDataContributor)
    principalId: operatorId
    principalType: operatorType
  }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: dataAccount::tableService
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'Transaction', enabled: true }]
    logs: [for category in requestLogs: { category: category, enabled: diagnosticLogs }]
  }
}

output hostAccountId string = hostAccount.id
output hostAccountName string = hostAccount.name
output packageContainerUrl string = '${hostAccount.properties.primaryEndpoints.blob}${hostAccount::blobs::packages.name}'
output dataAccountId string = dataAccount.id
output tableEndpoint string = dataAccount.properties.primaryEndpoints.table
