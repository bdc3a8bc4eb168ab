import type { Reply } from './reply.ts'

/** What every implementation of RFC 9875 takes: longer lists or names might be ignored as a whole. */
const GROUPS_MAX = 32
const NAME_MAX = 32

/**
 * Groups as `Cache-Groups` and `Cache-Group-Invalidation` write them; undefined when there are none, or more
 * or longer ones than a cache need understand.
 *
 * @see RFC 9875 sections 2 and 3, RFC 9651 section 3.1 (lists) and 3.3.3 (strings)
 */
export function groupsField(groups: readonly string[]): string | undefined {
  if (groups.length === 0 || groups.length > GROUPS_MAX) return undefined
  if (groups.some(group => group.length > NAME_MAX || !/^[\x20-\x7e]*$/.test(group)))
    return undefined
  return groups.map(group => `"${group.replace(/[\\"]/g, '\\$&')}"`).join(', ')
}

/** A reply that also tells caches which answers are outdated by it. */
export function invalidating(reply: Reply, groups: readonly string[]): Reply {
  const field = groupsField([...new Set(groups)])
  if (field === undefined) return reply
  return { ...reply, headers: [...reply.headers, 'Cache-Group-Invalidation', field] }
}
