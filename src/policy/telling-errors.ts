import type { ErrorObject } from 'ajv'

/**
 * A value that fits no branch of a union gets the complaints of all branches. Keeps those of the branch
 * that was evidently meant, or the union's own, "must be this or that", when none was.
 */
export function tellingErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let rest = errors
  // Innermost first: an outer union then judges what is left of its branches.
  for (const union of errors.filter(isUnion).toSorted(deepestFirst)) {
    const inside = rest.filter(error => error !== union && isInside(error, union))
    const meant = branchMeant(union, inside)
    rest = rest.filter(error =>
      error === union ? !meant : !inside.includes(error) || meant?.includes(error),
    )
  }
  return rest
}

const isUnion = ({ keyword }: ErrorObject): boolean => keyword === 'anyOf' || keyword === 'oneOf'

const deepestFirst = (a: ErrorObject, b: ErrorObject): number =>
  b.schemaPath.split('/').length - a.schemaPath.split('/').length

/** The same union may stand under many entries of a record: the value's path tells them apart. */
const isInside = (error: ErrorObject, union: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${union.schemaPath}/`) &&
  (error.instancePath === union.instancePath ||
    error.instancePath.startsWith(`${union.instancePath}/`))

/** @returns the complaints of the branch that fits best; undefined when the value is of no branch's kind */
function branchMeant(
  union: ErrorObject,
  inside: readonly ErrorObject[],
): readonly ErrorObject[] | undefined {
  const branches = Map.groupBy(
    inside,
    ({ schemaPath }) => schemaPath.slice(union.schemaPath.length + 1).split('/')[0],
  )
  return [...branches.values()]
    .filter(branch => !branch.some(error => isOfAnotherKind(error, union)))
    .toSorted((a, b) => a.length - b.length)[0]
}

/** Another type altogether, or a branch whose mark (`type: basic`) says otherwise. */
const isOfAnotherKind = ({ keyword, instancePath }: ErrorObject, union: ErrorObject): boolean => {
  const depth = instancePath.split('/').length - union.instancePath.split('/').length
  return (
    (depth === 0 && ['type', 'const', 'enum'].includes(keyword)) ||
    (depth === 1 && keyword === 'const')
  )
}
