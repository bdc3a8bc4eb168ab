/** Where a setting stands: `policies/apis/inventory.yaml:14:9`. Lines and columns count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

/** `file:line`, the form that verdicts, explanations and logs carry. */
export const fileAndLine = (place: Place): string => `${place.file}:${place.line}`

/** `file:line:column`, the form that findings carry and editors open. */
export const fullPlace = (place: Place): string => `${place.file}:${place.line}:${place.column}`
