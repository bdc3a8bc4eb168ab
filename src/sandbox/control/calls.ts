import type { ControlCall } from './control-call.ts'

/** How the ERP was called since the last reset. */
export const calls: ControlCall = {
  method: 'GET',
  path: '/_control/calls',
  answer: (_request, { counts }) => counts.figures,
}
