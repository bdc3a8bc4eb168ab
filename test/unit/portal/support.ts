import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Router } from 'express'
import { createRest } from '../../../src/http/rest.ts'
import { silentLogger } from '../../../src/kernel/logger.ts'
import type { PolicySet } from '../../../src/policy/policy-set.ts'
import { PLACE, testConsumer } from '../../support/exchanges.ts'
import { foreignIssuer } from '../gateway/identity/support.ts'

export const ISSUER = 'https://api.shop.example'

/** The parts of a policy set that the portal reads. */
export function portalPolicies(
  consumers: readonly ReturnType<typeof testConsumer>[] = [testConsumer()],
): PolicySet {
  const scopes = { at: PLACE, all: ['inventory:read'] }
  const operations = new Map<string, object>([
    ['getAvailability', { scopes, cache: { vary: ['regions', 'scope:inventory:quantity'] } }],
    ['getStock', { scopes }],
  ])
  return {
    consumers: new Map(consumers.map(consumer => [consumer.id, consumer])),
    apis: new Map([['inventory', { versions: new Map([['v2', { operations }]]) }]]),
    gateway: {
      ownIssuer: {
        at: PLACE,
        issuer: ISSUER,
        audience: 'https://retail.example',
        algorithm: 'ES256',
        accessTokenTtlSeconds: 600,
        rotationOverlapSeconds: 3_600,
      },
      tokenIssuers: [foreignIssuer({ issuer: 'https://login.example' })],
    },
  } as unknown as PolicySet
}

/** Serves routers as the public listener does, on a port of its own. */
export async function serve(t: TestContext, ...routers: readonly Router[]): Promise<string> {
  const server = createServer(createRest(routers, silentLogger)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
