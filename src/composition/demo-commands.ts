/** The data folder's demo.json: credentials of the demo consumers. */
export type DemoCredentials = {
  readonly clients: Readonly<
    Record<string, { clientId: string; clientSecret: string; apiKey: string }>
  >
}

/** Three commands that work when pasted: a token, availability with it, a quote with an API key. */
export function demoCommands(publicUrl: string, { clients }: DemoCredentials): string[] {
  const web = clients['storefront-web']
  const admin = clients['platform-admin']
  if (!web || !admin) return []
  return [
    `TOKEN=$(curl -s -u '${web.clientId}:${web.clientSecret}' -d grant_type=client_credentials ` +
      `${publicUrl}/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl -si -H "Authorization: Bearer $TOKEN" ` +
      `'${publicUrl}/inventory/v2/availability?sku=100001&sku=100002&channel=web'`,
    `curl -s -H 'X-API-Key: ${admin.apiKey}' -H 'Content-Type: application/json' ` +
      `-d '{"channel":"web","lines":[{"sku":"100001","quantity":{"value":"2","uom":"EA"}}]}' ` +
      `${publicUrl}/pricing/v1/quotes`,
  ]
}
