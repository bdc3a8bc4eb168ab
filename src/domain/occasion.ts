/** When something is done, epoch ms, and in the course of what. */
export type Occasion = { readonly now: number; readonly correlationId: string }
