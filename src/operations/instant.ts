/** RFC 3339 in UTC, to the millisecond. @param at epoch ms */
export const instantText = (at: number): string => new Date(at).toISOString()
