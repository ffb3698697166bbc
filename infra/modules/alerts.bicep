// What wakes somebody: each row a question to the logs that has no answer while all is well.
param location string
param tags object
param workspaceId string
param dataAccountId string
param email string

var logRules = [
  {
    name: 'server-errors'
    title: 'SCIM: more than 1 % of requests fail on our side'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../queries/server-errors.kql')
  }
  {
    name: 'unexpected-errors'
    title: 'SCIM: errors that the service did not expect'
    severity: 1
    window: 'PT15M'
    query: loadTextContent('../queries/unexpected-errors.kql')
  }
  {
    name: 'latency'
    title: 'SCIM: one request in twenty takes longer than two seconds'
    severity: 2
    window: 'PT15M'
    query: loadTextContent('../queries/latency.kql')
  }
  {
    name: 'refused-credentials'
    title: 'SCIM: credentials are refused again and again'
    severity: 2
    window: 'PT1H'
    query: loadTextContent('../queries/refused-credentials.kql')
  }
  {
    name: 'journals'
    title: 'SCIM: a change that was begun cannot be finished'
    severity: 1
    window: 'PT1H'
    query: loadTextContent('../queries/journals.kql')
  }
]

// The response types under which Table Storage refuses what an account or a partition cannot carry.
var throttled = ['ServerBusyError', 'ClientThrottlingError', 'ClientAccountRequestThrottlingError']

resource actions 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-scim'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'scim'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in logRules: {
  name: 'scim-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    severity: rule.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: rule.window
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
    // The tables of Application Insights appear with the first telemetry, which comes after this deployment.
    skipQueryValidation: true
    actions: { actionGroups: empty(email) ? [] : [actions.id] }
  }
}]

resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'scim-storage-throttled'
  location: 'global'
  tags: tags
  properties: {
    description: 'SCIM: Table Storage refuses requests of the directory because it is asked too much.'
    severity: 2
    enabled: true
    scopes: [dataAccountId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Transactions'
          dimensions: [{ name: 'ResponseType', operator: 'Include', values: throttled }]
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 20
        }
      ]
    }
    actions: empty(email) ? [] : [{ actionGroupId: actions.id }]
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'scim')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'SCIM service'
    category: 'workbook'
    version: '1.0'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
