import Type, { type Static } from 'typebox'
import { Instant, Name, strictObject } from './strict-object.ts'

const Call = Type.String({
  pattern: '^(GET|HEAD|POST|PUT|PATCH|DELETE) /\\S*$',
  maxLength: 4000,
  description: 'a method and a path with its query: GET /inventory/v2/availability?sku=100001',
})

const Calls = {
  as: Type.Optional(Name),
  call: Type.Optional(Call),
  body: Type.Optional(Type.Unknown()),
  at: Type.Optional(Instant),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
}

/** policies/tests/*.yaml: calls, and the decisions that they must get. */
export const TestsFile = strictObject({
  tests: Type.Array(
    strictObject({
      name: Type.String({ minLength: 1, maxLength: 200, description: 'what must be true' }),
      ...Calls,
      as: Name,
      call: Call,
      /** Calls made before, by the same clock and counters; what is not said is as in the test itself. */
      before: Type.Optional(Type.Array(strictObject(Calls))),
      expect: Type.Union(
        [
          Type.Literal('passes'),
          strictObject({
            refusedBy: Type.String({ minLength: 1 }),
            code: Type.Optional(Type.String({ minLength: 1 })),
          }),
        ],
        { description: 'passes, or { refusedBy: <stage>, code: <problem code> }' },
      ),
    }),
  ),
})
export type TestsFile = Static<typeof TestsFile>
export type PolicyTest = TestsFile['tests'][number]
