import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { DO_NOT_EDIT, type Generated } from './generated.ts'

/** `src/model/generated/<api>-v<major>.ts` for every contract. */
export async function wireTypes(): Promise<readonly Generated[]> {
  const contracts = globSync('openapi/*.v*.yaml').sort()
  return Promise.all(
    contracts.map(async contract => {
      const name = basename(contract, '.yaml').replace('.', '-')
      const types = await openapiTypescript(pathToFileURL(contract), {
        alphabetize: true,
        arrayLength: false,
        immutable: false,
      })
      return {
        path: `src/model/generated/${name}.ts`,
        text: `// ${DO_NOT_EDIT} Source: ${contract}\n${astToString(types)}`,
      }
    }),
  )
}
