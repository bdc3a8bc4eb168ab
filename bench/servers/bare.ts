/**
 * The yardstick: a bare `node:http` server that sends the bytes and header fields it was given, or
 * passes each request on to an ERP with the HTTP client that the connectors use.
 *
 * node bench/servers/bare.ts reply <file with {status, headers, body}>
 * node bench/servers/bare.ts proxy <ERP url> <file with {method, path, headers, body}>
 */
import { readFileSync } from 'node:fs'
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios from 'axios'

const [mode, ...args] = process.argv.slice(2)

function replying(file: string) {
  const { status, headers, body } = JSON.parse(readFileSync(file, 'utf8'))
  const bytes = Buffer.from(body)
  return createServer((_req, res) => {
    res.writeHead(status, headers)
    res.end(bytes)
  })
}

function proxying(target: string, file: string) {
  const call = JSON.parse(readFileSync(file, 'utf8'))
  const client = axios.create({
    baseURL: target,
    httpAgent: new Agent({ keepAlive: true, maxSockets: 256 }),
    responseType: 'text',
    proxy: false,
    maxRedirects: 0,
    transformResponse: [],
    validateStatus: () => true,
  })
  return createServer(async (_req, res) => {
    const answer = await client.request({
      method: call.method,
      url: call.path,
      headers: call.headers,
      data: call.body,
    })
    res.writeHead(answer.status, { 'content-type': 'application/json' })
    res.end(answer.data)
  })
}

const [first = '', second = ''] = args
const server = mode === 'proxy' ? proxying(first, second) : replying(first)
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
