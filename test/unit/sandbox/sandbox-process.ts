/** A sandbox in a process of its own, to be killed: says its address and runs until then. */
import { createSandbox } from '../../../src/sandbox/server.ts'

const { url } = await createSandbox({ port: 0, dataDir: process.argv[2] ?? '' })
console.log(url)
