/** What the environment says, read once at start; nothing else reads `process.env`. */
export type Environment = {
  readonly host: string
  readonly port: number
  readonly managementHost: string
  readonly managementPort: number
  /** `off` where a real ERP serves. */
  readonly sandboxPort: number | 'off'
  readonly dataDir: string
  readonly policiesDir: string
  /** Undefined: the embedded database. */
  readonly databaseUrl: string | undefined
  /** Undefined: limits and cache in this process. */
  readonly redisUrl: string | undefined
  /** Folder with the token issuer's signing keys (PEM); required in production. */
  readonly signingKeysDir: string | undefined
  /** At least 32 bytes, base64: seals quotes, the same in every process; required in production. */
  readonly quoteKey: Buffer | undefined
  /** Where the outside world reaches the public listener; for the tokens' issuer and the documents. */
  readonly publicUrl: string | undefined
  readonly logLevel: string
  readonly production: boolean
  /** Everything, for `${env:NAME}` in policies/erps. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

export class EnvironmentError extends Error {
  override name = 'EnvironmentError'
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug']

/**
 * @throws EnvironmentError listing every setting that cannot be used, with what it should be
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const complaints: string[] = []
  const port = (name: string, fallback: number): number => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value
    complaints.push(`${name} must be a port number (0 to 65535), not "${text}"`)
    return fallback
  }
  const production = env.NODE_ENV === 'production'
  const managementHost = env.POSTERN_MANAGEMENT_HOST || '127.0.0.1'
  const logLevel = env.POSTERN_LOG_LEVEL || 'info'
  if (!LOG_LEVELS.includes(logLevel)) {
    complaints.push(`POSTERN_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`)
  }
  if (production && ['0.0.0.0', '::', '*'].includes(managementHost)) {
    complaints.push(
      'POSTERN_MANAGEMENT_HOST must not be a wildcard address in production: the management ' +
        'listener has no authentication; bind it to loopback or to an operators-only address',
    )
  }
  if (production && !env.POSTERN_SIGNING_KEYS) {
    complaints.push('POSTERN_SIGNING_KEYS (a folder with PEM keys) is required in production')
  }
  if (production && !env.POSTERN_PUBLIC_URL) {
    complaints.push('POSTERN_PUBLIC_URL (https://…) is required in production')
  }
  const quoteKey = env.POSTERN_QUOTE_KEY ? Buffer.from(env.POSTERN_QUOTE_KEY, 'base64') : undefined
  if (quoteKey && quoteKey.length < 32) {
    complaints.push('POSTERN_QUOTE_KEY must be at least 32 bytes in base64')
  }
  if (production && !quoteKey) complaints.push('POSTERN_QUOTE_KEY is required in production')
  const result: Environment = {
    host: env.POSTERN_HOST || '127.0.0.1',
    port: port('POSTERN_PORT', 8080),
    managementHost,
    managementPort: port('POSTERN_MANAGEMENT_PORT', 9090),
    sandboxPort: env.POSTERN_SANDBOX_PORT === 'off' ? 'off' : port('POSTERN_SANDBOX_PORT', 8090),
    dataDir: env.POSTERN_DATA_DIR || '.postern',
    policiesDir: env.POSTERN_POLICIES || 'policies',
    databaseUrl: env.DATABASE_URL || undefined,
    redisUrl: env.REDIS_URL || undefined,
    signingKeysDir: env.POSTERN_SIGNING_KEYS || undefined,
    quoteKey,
    publicUrl: env.POSTERN_PUBLIC_URL?.replace(/\/$/, '') || undefined,
    logLevel,
    production,
    variables: env,
  }
  if (complaints.length) throw new EnvironmentError(complaints.join('\n'))
  return result
}
