import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoCommands } from '../composition/demo-commands.ts'
import { readEnvironment } from '../environment.ts'
import type { Command } from './command.ts'

/** `postern demo`: commands to try against a gateway that `npm start` brought up. */
export const demo: Command = {
  usage: 'demo',
  summary: 'prints commands to try against a running gateway',
  async run() {
    const { dataDir, host, port } = readEnvironment(process.env)
    const file = join(dataDir, 'demo.json')
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch {
      console.error(`there is no ${file}: start the gateway with "npm start" first`)
      return 1
    }
    console.log(demoCommands(`http://${host}:${port}`, JSON.parse(text)).join('\n\n'))
    return 0
  },
}
