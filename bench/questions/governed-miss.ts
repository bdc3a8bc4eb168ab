import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startGateway } from '../gateway.ts'
import { load } from '../load.ts'
import { startServer } from '../processes.ts'
import { alternate, type Question } from '../question.ts'

/** What the ERP said is not remembered: each call asks it. */
function forgetful(policies: string): void {
  const file = join(policies, 'erps', 'sandbox.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\nknowledge:\n( .*\n)+/, '\n'))
}

/**
 * The governed miss: every call asks for another set of SKUs, the ERP (the sandbox, in a process of its
 * own) answers at once. Beside it a bare `node:http` proxy with the connectors' HTTP client, sending the
 * same request to the same ERP.
 */
export const governedMiss: Question = async settings => {
  const erp = await startServer('bench/servers/sandbox.ts', [join(settings.folder, 'erp')])
  const address = `http://127.0.0.1:${erp.message.port}`
  try {
    const gateway = await startGateway(settings, address, forgetful)
    const call = join(settings.folder, 'call.json')
    const rows = ['1000', '1001', '1006'].map(plant => ({
      MATNR: '100001'.padStart(18, '0'),
      WERKS: plant,
    }))
    writeFileSync(
      call,
      JSON.stringify({
        method: 'POST',
        path: '/erp/stock/read',
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${btoa('POSTERN:sandbox')}`,
        },
        body: JSON.stringify({ IT_MATWRK: rows }),
      }),
    )
    const bare = await startServer('bench/servers/bare.ts', ['proxy', address, call], {
      cpu: settings.serverCpu,
    })
    try {
      const headers = { authorization: `Bearer ${await gateway.token('storefront-web')}` }
      const { seconds } = settings
      // Few enough that the ERP's declared concurrency is not what is measured.
      const connections = 8
      let n = 0
      return await alternate(
        settings.rounds,
        () =>
          load({
            url: gateway.publicUrl,
            path: () =>
              `/inventory/v2/availability?sku=${100001 + (n++ % 500)}&sku=x${n}&channel=web`,
            headers,
            connections,
            seconds,
          }),
        () =>
          load({ url: `http://127.0.0.1:${bare.message.port}`, path: '/', connections, seconds }),
      )
    } finally {
      await bare.stop()
      await gateway.stop()
    }
  } finally {
    await erp.stop()
  }
}
