import { createInterface } from 'node:readline'
import { hashCredential } from '../gateway/identity/api-key.ts'
import { type Command, UsageError } from './command.ts'

/** `postern hash`: the form in which a policy holds a credential. Reads it from standard input, so that no shell history does. */
export const hash: Command = {
  usage: 'hash < CREDENTIAL',
  summary: 'prints the hash of a credential for policies/consumers',
  async run() {
    const [line] = await createInterface({ input: process.stdin })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [value as string | undefined])
    if (!line) throw new UsageError('give the credential on standard input')
    console.log(hashCredential(line))
    return 0
  },
}
