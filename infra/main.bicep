// The whole service in one resource group. `azd up` runs this; so does
// `az deployment sub create --location REGION --template-file infra/main.bicep --parameters environmentName=NAME location=REGION`.
targetScope = 'subscription'

@description('Name of the environment: it names and tags everything, so that two environments can share a subscription.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Azure region of all resources. It must offer Flex Consumption.')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('Object id of who operates the service: may read and write the directory and the secrets. Empty: nobody but the service.')
param principalId string = ''

@description('What principalId is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'

@description('Memory of one instance in MB; processor and network grow with it.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances that may run at once; what an account of Table Storage serves is the natural bound.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that are always warm: 0 costs nothing at rest, 1 or 2 spare the first caller a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyCount int = 0

@description('Requests that one instance serves at once. The handlers are asynchronous; the platform default would be 1.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int = 16

@description('Requests per second that one instance serves of one tenant before it answers 429.')
@minValue(100)
param tenantRequestsPerSecond int = 250

@description('Hosts beside Microsoft\'s from which the keys of token issuers may be fetched, separated by commas.')
param jwksHosts string = ''

@description('Days that events are kept.')
@minValue(1)
param eventRetentionDays int = 30

@description('Application (client) ID by which people sign in; empty switches sign-in off (docs/sign-in.md).')
param signInClientId string = ''

@description('Tell Application Insights, or otlpEndpoint, of every request by OpenTelemetry. It costs a cold start a quarter of a second (docs/operate.md).')
param openTelemetry bool = false

@description('With openTelemetry: where a collector takes OTLP over HTTP, for example https://otlp.example:4318. Empty: Application Insights.')
param otlpEndpoint string = ''

@description('With otlpEndpoint: URI of a Key Vault entry that holds the headers it wants, such as an API key. Empty: none.')
param otlpHeadersUri string = ''

@description('Reach storage and Key Vault by private endpoints only.')
param privateNetwork bool = false

@description('With privateNetwork: public IPv4 addresses or ranges, separated by commas, that may reach the data all the same, such as an operator\'s.')
param allowedIpRanges string = ''

@description('Spread instances and storage over the zones of the region.')
param zoneRedundant bool = false

@description('Keep a copy of the directory in the paired region.')
param geoRedundant bool = false

@description('Refuse to delete the directory\'s storage account until the lock is removed. Recommended for production.')
param lockData bool = false

@description('Send every storage request and every line of the host to the workspace. For an investigation: it costs by the GB.')
param diagnosticLogs bool = false

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('E-mail address that alerts are sent to. Empty: alerts show in the portal only.')
param alertEmail string = ''

@description('Host name of your own for the Tenant URL, for example scim.ideo.example. Its DNS records must exist (docs/deploy.md).')
param customDomain string = ''

@description('Thumbprint of the certificate for customDomain. Empty until the certificate exists.')
param customDomainThumbprint string = ''

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var ipRanges = empty(allowedIpRanges) ? [] : split(replace(allowedIpRanges, ' ', ''), ',')
// Whom the directory and the keys let in from outside the private network: nobody, or the ranges named.
var publicNetworkAccess = privateNetwork && empty(ipRanges) ? 'Disabled' : 'Enabled'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    servicePrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    hostAccountName: 'sthost${token}'
    dataAccountName: 'stdata${token}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    publicNetworkAccess: publicNetworkAccess
    allowedIpRanges: ipRanges
    zoneRedundant: zoneRedundant
    geoRedundant: geoRedundant
    lockData: lockData
    diagnosticLogs: diagnosticLogs
    workspaceId: monitoring.outputs.workspaceId
    servicePrincipalId: identity.outputs.principalId
    operatorId: principalId
    operatorType: principalType
  }
}

module keys 'modules/keys.bicep' = {
  name: 'keys'
  scope: group
  params: {
    vaultName: 'kv-${token}'
    location: location
    tags: tags
    privateNetwork: privateNetwork
    publicNetworkAccess: publicNetworkAccess
    allowedIpRanges: ipRanges
    workspaceId: monitoring.outputs.workspaceId
    servicePrincipalId: identity.outputs.principalId
    operatorId: principalId
    operatorType: principalType
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    hostAccountId: storage.outputs.hostAccountId
    dataAccountId: storage.outputs.dataAccountId
    vaultId: keys.outputs.vaultId
  }
}

module function 'modules/function.bicep' = {
  name: 'function'
  scope: group
  params: {
    planName: 'plan-${token}'
    siteName: 'func-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'scim' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostAccountName: storage.outputs.hostAccountName
    packageContainerUrl: storage.outputs.packageContainerUrl
    tableEndpoint: storage.outputs.tableEndpoint
    encryptionKeyUri: keys.outputs.encryptionKeyUri
    connectionString: monitoring.outputs.connectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network!.outputs.functionSubnetId : ''
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyCount: alwaysReadyCount
    perInstanceConcurrency: perInstanceConcurrency
    tenantRequestsPerSecond: tenantRequestsPerSecond
    jwksHosts: jwksHosts
    eventRetentionDays: eventRetentionDays
    signInClientId: signInClientId
    openTelemetry: openTelemetry
    otlpEndpoint: otlpEndpoint
    otlpHeadersUri: otlpHeadersUri
    zoneRedundant: zoneRedundant
    diagnosticLogs: diagnosticLogs
    customDomain: customDomain
    customDomainThumbprint: customDomainThumbprint
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    dataAccountId: storage.outputs.dataAccountId
    email: alertEmail
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output SERVICE_SCIM_NAME string = function.outputs.name
output STORAGE_TABLE_ENDPOINT string = storage.outputs.tableEndpoint
output ENCRYPTION_KEY_URI string = keys.outputs.encryptionKeyUri
output TENANT_URL string = 'https://${empty(customDomain) ? function.outputs.hostName : customDomain}/scim/v2'
output CUSTOM_DOMAIN_VERIFICATION_ID string = function.outputs.domainVerificationId
