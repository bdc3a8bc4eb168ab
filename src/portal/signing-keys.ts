import type { Clock } from '../kernel/clock.ts'
import { invariant } from '../kernel/invariant.ts'
import type { OwnIssuerPolicy } from '../policy/policy-set.ts'
import type { SigningKeys } from '../ports/signing-keys.ts'
import { type FolderKey, generateKey, readKeyFolder, removeKey } from './key-folder.ts'

export type SigningKeysOptions = {
  /** Folder of `*.pem` private keys; see `readKeyFolder` for their names. */
  readonly directory: string
  /** Makes a key where there is none; only outside production. */
  readonly mayGenerate: boolean
  readonly policy: Pick<OwnIssuerPolicy, 'algorithm' | 'rotationOverlapSeconds'>
  readonly clock: Clock
}

export interface OwnSigningKeys extends SigningKeys {
  /** Reads the folder again. What was read before stays when it cannot be used. */
  reload(): Promise<void>
  /**
   * Makes a new key and removes those whose overlap has ended; only where keys may be made.
   *
   * @param signsFrom epoch ms; now, or later for a key that is published first
   */
  rotate(signsFrom?: number): Promise<void>
}

/**
 * Opens our token issuer's keys. The latest whose instant has come signs; the one that it replaced
 * verifies for the overlap that the policy sets; those still to come are published with them, so that
 * whoever caches the key set knows a key before it signs.
 *
 * @throws Error when no key can sign now and none may be made, or a file is not usable
 * @see RFC 7517 (JWKS), RFC 7638 (thumbprint as kid)
 */
export async function openSigningKeys(options: SigningKeysOptions): Promise<OwnSigningKeys> {
  const { directory, mayGenerate, policy, clock } = options
  const read = async (): Promise<readonly FolderKey[]> => {
    const found = await readKeyFolder(directory, policy.algorithm)
    if (!signer(found, clock.now())) {
      throw new Error(
        `no *.pem private key in ${directory} may sign tokens now; make one with ` +
          `openssl genpkey -algorithm ${GENPKEY[policy.algorithm]} -out ${directory}/first.pem`,
      )
    }
    return found
  }
  if (mayGenerate && !signer(await readKeyFolder(directory, policy.algorithm), clock.now())) {
    await generateKey(directory, policy.algorithm, clock.now())
  }
  let keys = await read()

  /** Whether a key's successor has signed for longer than the overlap. */
  const ended = (_key: FolderKey, i: number): boolean => {
    const replacedAt = keys[i + 1]?.signsFrom ?? Number.POSITIVE_INFINITY
    return replacedAt + policy.rotationOverlapSeconds * 1000 <= clock.now()
  }
  const current = (): readonly FolderKey[] => keys.filter((key, i) => !ended(key, i))

  return {
    verificationKey: kid => current().find(key => key.kid === kid)?.publicKey,
    active() {
      const key = signer(keys, clock.now())
      invariant(key, 'there is no signing key, though one was there at start')
      return { kid: key.kid, key: key.privateKey }
    },
    jwks: () => ({
      keys: current().map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
        alg: policy.algorithm,
      })),
    }),
    async reload() {
      keys = await read()
    },
    async rotate(signsFrom = clock.now()) {
      if (!mayGenerate) {
        throw new Error('keys come from outside here: put a file into the folder and reload')
      }
      await generateKey(directory, policy.algorithm, signsFrom)
      keys = await read()
      await Promise.all(keys.filter(ended).map(removeKey))
      keys = await read()
    },
  }
}

const GENPKEY: Readonly<Record<OwnIssuerPolicy['algorithm'], string>> = {
  RS256: 'RSA -pkeyopt rsa_keygen_bits:2048',
  PS256: 'RSA -pkeyopt rsa_keygen_bits:2048',
  ES256: 'EC -pkeyopt ec_paramgen_curve:P-256',
}

/** @param keys by the instant from which they sign */
const signer = (keys: readonly FolderKey[], now: number): FolderKey | undefined =>
  keys.findLast(({ signsFrom }) => signsFrom <= now)
