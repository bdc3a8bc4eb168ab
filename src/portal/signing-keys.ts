import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import type { OwnIssuerPolicy } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'
import { writePrivateFile } from './private-file.ts'

export type SigningKeysOptions = {
  /** Folder of `*.pem` private keys. The name orders them: the last one signs, the others only verify. */
  readonly directory: string
  /** Makes a key where there is none; only outside production. */
  readonly mayGenerate: boolean
  readonly policy: Pick<OwnIssuerPolicy, 'algorithm' | 'rotationOverlapSeconds'>
  readonly clock: Clock
}

type Entry = {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** When the key after this one appeared, epoch ms; undefined for the one that signs. */
  readonly replacedAt: number | undefined
}

/**
 * Our token issuer's keys. To rotate, put a new file beside the old ones and call `reload` (or restart):
 * the new key signs at once, the replaced one verifies for the overlap that the policy sets.
 *
 * @throws Error when there is no usable key and none may be made
 * @see RFC 7638 (thumbprint as kid), RFC 7517 (JWKS)
 */
export async function openSigningKeys(
  options: SigningKeysOptions,
): Promise<SigningKeys & { reload(): Promise<void>; rotate(): Promise<void> }> {
  const { directory, mayGenerate, policy, clock } = options
  let entries = await read(options)
  if (entries.length === 0) {
    if (!mayGenerate) throw new Error(`there is no *.pem private key in ${directory}`)
    await generate(options)
    entries = await read(options)
  }
  const usable = () => {
    const oldest = clock.now() - policy.rotationOverlapSeconds * 1000
    return entries.filter(({ replacedAt }) => replacedAt === undefined || replacedAt > oldest)
  }
  return {
    verificationKey: kid => usable().find(entry => entry.kid === kid)?.publicKey,
    active() {
      const last = entries.at(-1)
      if (!last) throw new Error('there is no signing key')
      return { kid: last.kid, key: last.privateKey }
    },
    jwks: () => ({
      keys: usable().map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
        alg: policy.algorithm,
      })),
    }),
    async reload() {
      const fresh = await read(options)
      if (fresh.length === 0) throw new Error(`there is no *.pem private key in ${directory}`)
      entries = fresh
    },
    async rotate() {
      if (!mayGenerate) throw new Error('keys come from outside here: add a file and reload')
      await generate(options)
      entries = await read(options)
    },
  }
}

async function read({ directory, policy }: SigningKeysOptions): Promise<readonly Entry[]> {
  const names = await readdir(directory).catch(() => [])
  const files = names.filter(name => name.endsWith('.pem')).sort()
  const keys = await Promise.all(
    files.map(async name => {
      const path = join(directory, name)
      const [pem, { mtimeMs }] = await Promise.all([readFile(path), stat(path)])
      const privateKey = createPrivateKey(pem)
      requireFit(privateKey, policy.algorithm, path)
      return { privateKey, mtimeMs }
    }),
  )
  return keys.map(({ privateKey }, i) => {
    const publicKey = createPublicKey(privateKey)
    return { kid: thumbprint(publicKey), privateKey, publicKey, replacedAt: keys[i + 1]?.mtimeMs }
  })
}

function requireFit(key: KeyObject, algorithm: OwnIssuerPolicy['algorithm'], path: string): void {
  const wanted = algorithm === 'ES256' ? 'ec' : 'rsa'
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== wanted || (wanted === 'rsa' && bits < 2048)) {
    throw new Error(
      `${path}: ${algorithm} needs ${wanted === 'rsa' ? 'an RSA key of at least 2048 bits' : 'a P-256 key'}`,
    )
  }
}

async function generate({ directory, policy, clock }: SigningKeysOptions): Promise<void> {
  const { privateKey } =
    policy.algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const name = `${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}.pem`
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await writePrivateFile(join(directory, name), pem)
}

/** RFC 7638: SHA-256 over the required members of the JWK, in lexicographic order. */
function thumbprint(key: KeyObject): string {
  const { e, kty, n, crv, x, y } = key.export({ format: 'jwk' })
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
