import { parseFaults } from '../faults.ts'
import { type ControlCall, ControlRefusal } from './control-call.ts'

/** Says what goes wrong from now on; faults that are not named are off. */
export const setFaults: ControlCall = {
  method: 'POST',
  path: '/_control/faults',
  answer: ({ body }, { erp }) => {
    const parsed = parseFaults(body)
    if (!parsed.ok) throw new ControlRefusal(400, parsed.complaints.join('; '))
    erp.setFaults(parsed.faults)
    return erp.faults
  },
}
