import { MASK } from '../../gateway/access-line.ts'
import type { ContractDocument, OperationContract } from '../../gateway/contract.ts'
import type { DryCall } from '../dry-run.ts'
import type { AccessRecord } from './access-record.ts'

/**
 * Contracts as far as an access line can be held to them: bodies and masked parameters are not in it, so
 * that operations which take some are not validated.
 */
export const replayable = (contracts: readonly ContractDocument[]): readonly ContractDocument[] =>
  contracts.map(document => ({
    ...document,
    operations: document.operations.map(operation =>
      isWhollyLogged(operation) ? operation : { ...operation, requestValidators: [] },
    ),
  }))

const isWhollyLogged = ({ bodyTypes, parameters }: OperationContract): boolean =>
  bodyTypes.length === 0 && !parameters.some(({ redacted }) => redacted)

/** Finds the operation that a line tells of. */
export function createOperationIndex(contracts: readonly ContractDocument[]) {
  const index = new Map(
    contracts.flatMap(({ operations }) =>
      operations.map(operation => [
        keyOf(operation.api, operation.version, operation.operationId),
        operation,
      ]),
    ),
  )
  return ({ api, version, operation }: AccessRecord): OperationContract | undefined =>
    index.get(keyOf(api, version, operation))
}

const keyOf = (...parts: readonly string[]): string => parts.join(' ')

/** The call that a line tells of, as far as it is known. */
export function callOf(record: AccessRecord, operation: OperationContract): DryCall {
  const { parameters, body, scopes, noCache } = record
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent([parameters[name]].flat()[0] ?? ''),
  )
  const query = operation.parameters
    .filter(({ in: place }) => place === 'query')
    .flatMap(({ name }) =>
      [parameters[name] ?? []]
        .flat()
        .filter(value => value !== MASK)
        .map(value => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
  const bytes = body ? Buffer.from(JSON.stringify(standIn(body))) : Buffer.alloc(0)
  return {
    method: record.method,
    url: query.length ? `${path}?${query.join('&')}` : path,
    headers: {
      ...(noCache && { 'cache-control': 'no-cache' }),
      ...(bytes.length && {
        'content-type': 'application/json',
        'content-length': String(bytes.length),
      }),
    },
    body: bytes,
    ...(scopes && { scopes: new Set(scopes) }),
  }
}

/** A body that costs what the real one did, and is equal to another where the real ones were. */
const standIn = ({ digest, lists }: NonNullable<AccessRecord['body']>): object => ({
  digest,
  ...Object.fromEntries(
    Object.entries(lists).map(([name, length]) => [
      name,
      new Array(Math.min(length, 10_000)).fill(0),
    ]),
  ),
})
