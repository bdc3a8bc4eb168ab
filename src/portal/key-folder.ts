import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keyFits } from '../gateway/identity/key-fits.ts'
import type { OwnIssuerPolicy } from '../policy/policy-set.ts'
import { writePrivateFile } from './private-file.ts'

type Algorithm = OwnIssuerPolicy['algorithm']

/** A signing key as its folder has it. */
export type FolderKey = {
  readonly path: string
  /** RFC 7638 thumbprint: the same key has the same name in every process. */
  readonly kid: string
  /** From when on it signs, epoch ms; 0 for "from the beginning". Until then it is published only. */
  readonly signsFrom: number
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/**
 * Reads the `*.pem` private keys of a folder. The name of a file says from when on its key signs, in UTC:
 * `2026-11-23T18-00-00Z.pem`; any other name, allowed once, means "from the beginning". So a rotation is a
 * file that is dropped in early, and every process changes over at the same instant without talking.
 *
 * @returns by the instant from which they sign, the earliest first; empty when there is no such folder
 * @throws Error naming the file that cannot be used
 */
export async function readKeyFolder(
  directory: string,
  algorithm: Algorithm,
): Promise<readonly FolderKey[]> {
  const names = (await namesIn(directory)).filter(name => name.endsWith('.pem'))
  const keys = await Promise.all(names.map(name => readKey(join(directory, name), name, algorithm)))
  keys.sort((a, b) => a.signsFrom - b.signsFrom)
  keys.forEach((key, i) => {
    const before = keys[i - 1]
    if (before?.signsFrom !== key.signsFrom) return
    throw new Error(
      `${before.path} and ${key.path} would sign from the same instant: name one ` +
        `${fileName(Date.UTC(2027, 0, 31, 18))} or the like, after the instant from which it signs`,
    )
  })
  return keys
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readKey(path: string, name: string, algorithm: Algorithm): Promise<FolderKey> {
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(await readFile(path))
  } catch (error) {
    throw new Error(`${path} is not a private key in PEM without a passphrase`, { cause: error })
  }
  if (!keyFits(privateKey, algorithm)) {
    const wanted = algorithm === 'ES256' ? 'a P-256 key' : 'an RSA key of at least 2048 bits'
    throw new Error(`${path}: ${algorithm} (ownIssuer in the policies) needs ${wanted}`)
  }
  const publicKey = createPublicKey(privateKey)
  return {
    path,
    kid: thumbprint(publicKey),
    signsFrom: instantOf(name) ?? 0,
    privateKey,
    publicKey,
  }
}

/** `2026-11-23T18-00-00Z.pem`, with or without milliseconds. */
function instantOf(name: string): number | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)(?:-(\d{3}))?Z\.pem$/.exec(name)
  if (!parts) return undefined
  const [, date, hour, minute, second, millisecond = '000'] = parts
  const instant = Date.parse(`${date}T${hour}:${minute}:${second}.${millisecond}Z`)
  return Number.isNaN(instant) ? undefined : instant
}

const fileName = (instant: number): string =>
  `${new Date(instant).toISOString().replaceAll(/[:.]/g, '-')}.pem`

/** Makes a key that signs from the given instant on, readable by its owner only. */
export async function generateKey(
  directory: string,
  algorithm: Algorithm,
  signsFrom: number,
): Promise<void> {
  const { privateKey } =
    algorithm === 'ES256'
      ? await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
      : await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await writePrivateFile(join(directory, fileName(signsFrom)), pem)
}

export const removeKey = ({ path }: FolderKey): Promise<void> => rm(path, { force: true })

/** RFC 7638 section 3: SHA-256 over the required members of the JWK, in lexicographic order. */
function thumbprint(key: KeyObject): string {
  const { e, kty, n, crv, x, y } = key.export({ format: 'jwk' })
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
