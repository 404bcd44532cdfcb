/**
 * The API without a browser: a client that public tools generate from the OpenAPI document, and the commands of a common tutorial, with
 * curl, with our host and role.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { users } from '@gatehouse/contract/identity/users'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { admin } from '../support/actions.ts'
import { expect, test } from '../support/fixtures.ts'
import { isAll } from '../support/long-run.ts'
import { subscribe } from '../support/mosquitto.ts'
import { makeAuthority, makeDevice } from '../support/openssl.ts'
import { execute } from '../support/outside.ts'
import { type Gatehouse, startGatehouse } from '../support/server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

type Told = Record<'made' | 'role' | 'token' | 'pages' | 'refusals' | 'seenByToken', Record<string, unknown>>

let withTls: Gatehouse | undefined
let gatehouse: Gatehouse
let origin: string

// A server of its own takes two seconds. `npm test` shows HTTPS without a browser.
test.beforeAll(async ({ gatehouse: shared }) => {
  if (isAll) withTls = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password, GATEHOUSE_HTTP_TLS: 'on' })
  gatehouse = withTls ?? shared
  const { protocol, port } = new URL(gatehouse.url)
  origin = `${protocol}//localhost:${port}`
})
test.afterAll(() => withTls?.remove())

/** As a person would paste it into a shell. The first story, because the answers are those of a new server. */
test('the examples of docs/api.md have the documented answers', async ({ gatehouse: other }) => {
  const text = await readFile(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  const examples = [...text.slice(text.indexOf('## Examples')).matchAll(/```(sh|json)\n([^]*?)```/g)]
  const lines = examples.filter(([, kind]) => kind === 'sh').map(([, , shell]) => `${shell}\necho '${between}'`)
  const setting = `HOST=${other.url} PASSWORD='${admin.password}'`
  const { stdout } = await execute('bash', ['-c', [setting, ...lines].join('\n')])
  const [, ...answers] = stdout.split(`${between}\n`).slice(0, -1)
  const expected = examples.filter(([, kind]) => kind === 'json').map(([, , json = '']) => JSON.parse(json, anyForDots))
  expect(answers.length).toBeGreaterThan(8)
  expect(answers.map((answer) => JSON.parse(answer))).toMatchObject(expected)
})

test('gets a token and a role id, creates a user and a CA, and the device connects', async ({ folder }) => {
  const login = `curl -k --location --request POST '${origin}/api/login' \\
--data-raw '{
    "username": "admin",
    "password": "${admin.password}",
    "expireTimeInHours": 24
}'`
  const { token } = (await run(login)) as { token: string }

  const roles = await run(
    `curl -k -g --header 'Authorization: Bearer ${token}' '${origin}/api/roles?name[eq]=gatehouse-admin'`,
  )
  expect(roles).toMatchObject({ items: [{ name: 'gatehouse-admin' }], total: 1 })
  const [role] = (roles as { items: { id: string }[] }).items

  const createUser = `curl -k --location --request POST '${origin}/api/users' \\
--header 'Authorization: Bearer ${token}' \\
--data-raw '{
    "username": "device001",
    "identityProvider": "local",
    "grantTypes": [ { "method": "certificate", "isRequired": false } ],
    "roles": [ "${role?.id}" ]
}'`
  const device = { username: 'device001', grantTypes: [{ method: 'certificate', isRequired: false }] }
  expect(await run(createUser)).toMatchObject({ ...device, roleNames: ['gatehouse-admin'] })
  expect(await run(createUser)).toMatchObject({ status: 409, code: 'username_taken' })

  const authority = await makeAuthority(folder, 'custom_ca', { commonName: 'Smart Factory CA' })
  const certificate = await makeDevice(folder, 'anymachine', { commonName: 'device001' }, authority)
  const body = join(folder, 'upload.json')
  await writeFile(body, JSON.stringify({ certificates: await readFile(authority.certificate, 'utf8') }))
  const upload = `curl -k --request POST '${origin}/api/authorities' --header 'Authorization: Bearer ${token}' --data @${body}`
  expect(await run(upload)).toMatchObject({ added: [{ name: 'Smart Factory CA' }], existing: [], live: true })
  const client = subscribe({ url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }, ['line-3/#'])
  expect(await client.suback()).toEqual([0])
  await client.stop()
})

test('names the fault of a request, and changes nothing', async () => {
  const { token } = (await run(
    `curl -k --request POST '${origin}/api/login' --data-raw '{"username":"admin","password":"${admin.password}"}'`,
  )) as { token: string }
  const listUsers = `curl -k '${origin}/api/users' --header 'Authorization: Bearer ${token}'`
  const before = (await run(listUsers)) as { total: number }
  const post = (text: string) => run(`${listUsers} --request POST --data-raw '${text}'`)
  expect(await post('{"username":"intruder","isAdmin":true}')).toMatchObject({
    status: 400,
    code: 'invalid',
    fields: { isAdmin: 'unknown' },
  })
  expect(await post('{"username":"intruder"')).toMatchObject({ status: 400, code: 'broken_json' })
  expect(await post('{"username":"in"}')).toMatchObject({ status: 400, fields: { username: 'too_short' } })
  expect(await post('{"username":"intruder","identityProvider":"ldap"}')).toMatchObject({
    status: 422,
    code: 'identity_provider_unsupported',
  })
  expect(await run(`curl -k '${origin}/api/users'`)).toMatchObject({ status: 401, code: 'not_signed_in' })
  const wrong = `curl -k '${origin}/api/users' --header 'Authorization: Bearer ${token}x'`
  expect(await run(wrong)).toMatchObject({ status: 401 })
  expect(await run(listUsers)).toMatchObject({ total: before.total })
})

test('compiles and runs a client that is generated from the document', async ({ gatehouse: other, call }) => {
  const answer = await fetch(`${other.url}/api/openapi.json`)
  const types = astToString(await openapiTS((await answer.json()) as OpenAPI3))
  await writeFile(`${here}generated-client/schema.gen.ts`, types)
  const compiler = [`${here}../../node_modules/typescript/bin/tsc`, '--noEmit', '--project', `${here}generated-client`]
  const compiled = await execute(process.execPath, compiler)
  expect(compiled).toMatchObject({ stdout: '', code: 0 })

  // Imported by a name that the compiler does not follow: the types of the script are generated in this test.
  const script = './generated-client/script.ts'
  const { tellStory } = (await import(script)) as { tellStory: (url: string, by: typeof admin) => Promise<Told> }
  const { made, role, token, pages, refusals, seenByToken } = await tellStory(other.url, admin)
  expect(made).toMatchObject({ username: 'generated-1', kind: 'machine', roles: [role['id']], version: 1 })
  expect(token['permissions']).toEqual([{ context: 'http', resource: '/api/users/#', operation: 'read' }])
  expect(pages).toEqual([['generated-3', 'generated-2'], ['generated-1']])
  expect(seenByToken).toBe((await call(users.list, {})).total)
  expect(refusals).toMatchObject({
    changed: undefined,
    outdated: { status: 412, code: 'changed_meanwhile' },
    taken: { status: 409, code: 'username_taken', fields: { username: 'username_taken' } },
    unknown: { status: 400, code: 'invalid', fields: { kind: 'invalid' } },
    filter: { status: 400, code: 'invalid', fields: { 'username[like]': 'unknown' } },
    forbidden: { status: 403, code: 'not_permitted' },
  })
})

const between = '---- the next one ----'

/** `"…"` in the documentation stands for any value. */
function anyForDots(_key: string, value: unknown): unknown {
  return value === '…' ? expect.anything() : value
}

async function run(line: string): Promise<unknown> {
  const { stdout, stderr } = await execute('sh', ['-c', line])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}
