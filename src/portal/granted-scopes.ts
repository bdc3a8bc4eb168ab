import type { ConsumerPolicy } from '../policy/policy-set.ts'
import { TokenError } from './token-error.ts'

/** `scope` of RFC 6749 section 3.3, appendix A.4: tokens of printable characters, one space between them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/

/**
 * The scopes that a token gets: those asked for, or all that the consumer has.
 *
 * @throws TokenError `invalid_scope`, naming what the consumer lacks
 */
export function grantedScopes(
  requested: string | undefined,
  { scopes }: Pick<ConsumerPolicy, 'scopes'>,
): readonly string[] {
  if (requested === undefined) return [...scopes]
  if (!SCOPE.test(requested)) throw new TokenError('invalid_scope', 'the scope is malformed')
  const asked = [...new Set(requested.split(' '))]
  const lacking = asked.filter(scope => !scopes.has(scope))
  if (lacking.length) {
    const names = lacking.slice(0, 10).join(' ').slice(0, 200)
    throw new TokenError('invalid_scope', `the client may not ask for ${names}`)
  }
  return asked
}
