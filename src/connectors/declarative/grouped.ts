/** Keys by the text of some of their fields, in the order in which they come; all together without fields. */
export function grouped<Key extends object>(
  keys: readonly Key[],
  fields: readonly string[] | undefined,
): readonly (readonly Key[])[] {
  if (!fields) return keys.length ? [keys] : []
  const groups = new Map<string, Key[]>()
  for (const key of keys) {
    const values = key as Readonly<Record<string, unknown>>
    const text = fields.map(field => String(values[field] ?? '')).join('\n')
    const group = groups.get(text)
    if (group) group.push(key)
    else groups.set(text, [key])
  }
  return [...groups.values()]
}
