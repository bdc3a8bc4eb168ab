import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startGateway } from '../gateway.ts'
import { load } from '../load.ts'
import { startServer } from '../processes.ts'
import { alternate, type Question } from '../question.ts'

const PATH = '/inventory/v2/availability?sku=100001&sku=100002&channel=web'
/** Added by the server itself, or different for every answer. */
const OWN_FIELDS = ['connection', 'keep-alive', 'date', 'transfer-encoding']

/**
 * The governed cached read (RS256 token, scope, plan limit, validation, cache hit, metrics, log), beside
 * a bare server that sends the same bytes and header fields.
 */
export const cachedRead: Question = async settings => {
  const gateway = await startGateway(settings)
  try {
    const headers = { authorization: `Bearer ${await gateway.token('storefront-web')}` }
    const answer = await fetch(gateway.publicUrl + PATH, { headers })
    const fields = [...answer.headers].filter(([name]) => !OWN_FIELDS.includes(name))
    const file = join(settings.folder, 'answer.json')
    const body = await answer.text()
    writeFileSync(file, JSON.stringify({ status: answer.status, headers: fields.flat(), body }))
    const bare = await startServer('bench/servers/bare.ts', ['reply', file], {
      cpu: settings.serverCpu,
    })
    try {
      const { connections, seconds } = settings
      const run = (url: string) => () => load({ url, path: PATH, headers, connections, seconds })
      return await alternate(
        settings.rounds,
        run(gateway.publicUrl),
        run(`http://127.0.0.1:${bare.message.port}`),
      )
    } finally {
      await bare.stop()
    }
  } finally {
    await gateway.stop()
  }
}
