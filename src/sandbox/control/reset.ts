import { NO_FAULTS } from '../faults.ts'
import { type ControlCall, type Controlled, ControlRefusal, checkMembers } from './control-call.ts'

const RESETS: Readonly<Record<string, (controlled: Controlled) => void>> = {
  counters: ({ counts }) => counts.reset(),
  faults: ({ erp }) => erp.setFaults(NO_FAULTS),
  data: ({ books }) => books.reset(),
}

/** Sets back what is named with `true`, and nothing else. */
export const reset: ControlCall = {
  method: 'POST',
  path: '/_control/reset',
  answer: ({ body }, controlled) => {
    checkMembers(body, Object.keys(RESETS))
    const wrong = Object.keys(body).filter(name => typeof body[name] !== 'boolean')
    if (wrong.length) throw new ControlRefusal(400, `${wrong.join(', ')}: must be true or false`)
    const done = Object.keys(RESETS).filter(name => body[name] === true)
    for (const name of done) RESETS[name]?.(controlled)
    return { reset: done }
  },
}
