/** A caller who waits longer than this holds a connection for nothing: the answer has a Location to ask at. */
const MAX_WAIT_SECONDS = 10

/** @returns the seconds of `Prefer: wait=N`, 0 without one (RFC 7240 section 4.3) */
export function waitSeconds(field: string | string[] | undefined): number {
  const [, digits] = /(?:^|[,\s])wait\s*=\s*"?(\d{1,4})"?/i.exec([field].flat().join(', ')) ?? []
  return digits === undefined ? 0 : Math.min(MAX_WAIT_SECONDS, Number(digits))
}
