// The function app on Flex Consumption: Python, its own identity, and no key, password or connection secret anywhere.
param planName string
param siteName string
param location string
param tags object
param identityId string
param identityClientId string
param hostAccountName string
param packageContainerUrl string
param tableEndpoint string
param encryptionKeyUri string
param connectionString string
param workspaceId string
param subnetId string
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyCount int
param perInstanceConcurrency int
param tenantRequestsPerSecond int
param jwksHosts string
param eventRetentionDays int
param signInClientId string
param openTelemetry bool
param otlpEndpoint string
param otlpHeadersUri string
param zoneRedundant bool
param diagnosticLogs bool
param customDomain string
param customDomainThumbprint string

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  // checkov:skip=CKV_AZURE_225:zoneRedundant switches it on; some regions have no zones
  // checkov:skip=CKV_AZURE_212:Flex Consumption adds instances by itself; alwaysReadyCount keeps some warm
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  // checkov:skip=CKV_AZURE_222:Entra calls from the Internet
  // checkov:skip=CKV_AZURE_17:Entra authenticates with a bearer token and sends no client certificate
  // checkov:skip=CKV_AZURE_212:Flex Consumption adds instances by itself; alwaysReadyCount keeps some warm
  // checkov:skip=CKV_AZURE_213:Flex Consumption replaces instances by the host's own health, not by a probe
  name: siteName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      // The lowest version accepted: Entra speaks TLS 1.2; clients that can negotiate 1.3.
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyCount == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyCount }]
        triggers: { http: { perInstanceConcurrency: perInstanceConcurrency } }
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__accountName: hostAccountName
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      AZURE_CLIENT_ID: identityClientId
      // Empty: resources carry the host name that the client called.
      SCIM_BASE_URL: empty(customDomain) ? '' : 'https://${customDomain}/scim/v2'
      SIGNING_KEY_ENCRYPTION_KEY: '@Microsoft.KeyVault(SecretUri=${encryptionKeyUri})'
      STORAGE_TABLE_ENDPOINT: tableEndpoint
      TENANT_REQUESTS_PER_SECOND: string(tenantRequestsPerSecond)
      JWKS_HOSTS: jwksHosts
      EVENT_RETENTION_DAYS: string(eventRetentionDays)
      // Whoever signs people in proves itself by the app's own identity: no secret, and nothing that expires.
      SIGNIN_CLIENT_ID: signInClientId
      SIGNIN_MANAGED_IDENTITY: empty(signInClientId) ? '' : identityClientId
      OPEN_TELEMETRY: openTelemetry ? 'true' : 'false'
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
      OTEL_EXPORTER_OTLP_HEADERS: empty(otlpHeadersUri) ? '' : '@Microsoft.KeyVault(SecretUri=${otlpHeadersUri})'
    }
  }

  resource scmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

resource domain 'Microsoft.Web/sites/hostNameBindings@2024-11-01' = if (!empty(customDomain)) {
  parent: site
  name: empty(customDomain) ? 'none' : customDomain
  properties: {
    siteName: siteName
    hostNameType: 'Verified'
    sslState: empty(customDomainThumbprint) ? 'Disabled' : 'SniEnabled'
    thumbprint: empty(customDomainThumbprint) ? null : customDomainThumbprint
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'AllMetrics', enabled: true }]
    logs: [{ category: 'FunctionAppLogs', enabled: diagnosticLogs }]
  }
}

output name string = site.name
output hostName string = site.properties.defaultHostName
output domainVerificationId string = site.properties.customDomainVerificationId
