/** A client generated from the OpenAPI document by public tools compiles and works. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { admin } from '../support/actions.ts'
import { expect, test } from '../support/fixtures.ts'
import { execute } from '../support/outside.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

type Told = Record<'made' | 'role' | 'token' | 'pages' | 'refusals' | 'seenByToken', Record<string, unknown>>

test('compiles and runs a client that is generated from the document', async ({ gatehouse }) => {
  const answer = await fetch(`${gatehouse.url}/api/openapi.json`)
  const types = astToString(await openapiTS((await answer.json()) as OpenAPI3))
  await writeFile(`${here}generated-client/schema.gen.ts`, types)
  const compiler = [`${here}../../node_modules/typescript/bin/tsc`, '--noEmit', '--project', `${here}generated-client`]
  const compiled = await execute(process.execPath, compiler)
  expect(compiled).toMatchObject({ stdout: '', code: 0 })

  // Imported by a name that the compiler does not follow: the types of the script are generated in this test.
  const script = './generated-client/script.ts'
  const { tellStory } = (await import(script)) as { tellStory: (url: string, by: typeof admin) => Promise<Told> }
  const { made, role, token, pages, refusals, seenByToken } = await tellStory(gatehouse.url, admin)
  expect(made).toMatchObject({ username: 'generated-1', kind: 'machine', roles: [role['id']], version: 1 })
  expect(token['permissions']).toEqual([{ context: 'http', resource: '/api/users/#', operation: 'read' }])
  expect(pages).toEqual([['generated-3', 'generated-2'], ['generated-1']])
  expect(seenByToken).toBe(4)
  expect(refusals).toMatchObject({
    changed: undefined,
    outdated: { status: 412, code: 'changed_meanwhile' },
    taken: { status: 409, code: 'username_taken', fields: { username: 'username_taken' } },
    unknown: { status: 400, code: 'invalid', fields: { kind: 'invalid' } },
    filter: { status: 400, code: 'invalid', fields: { 'username[like]': 'unknown' } },
    forbidden: { status: 403, code: 'not_permitted' },
  })
})
