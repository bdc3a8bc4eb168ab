import type { operations } from '../model/generated/inventory-v2.ts'
import { answerAvailability } from './answer-availability.ts'
import type { Operation } from './operation-deps.ts'
import { bodyOf } from './typed-input.ts'

/** `POST /inventory/v2/availability/query` */
export const queryAvailability: Operation = deps => exchange =>
  answerAvailability(exchange, bodyOf<operations['queryAvailability']>(exchange), deps)
