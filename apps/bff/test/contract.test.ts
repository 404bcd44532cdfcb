/** Checks that each route is bound once, that the document is valid OpenAPI 3.1, and that answers match it. */
import { mayCallSome } from '@gatehouse/contract/access/permission'
import { everyRoute } from '@gatehouse/contract/api'
import { inputKinds } from '@gatehouse/contract/certificates/input-kinds'
import { type Problem, Problem as ProblemShape } from '@gatehouse/contract/errors'
import { users } from '@gatehouse/contract/identity/users'
import { makeOpenApi } from '@gatehouse/contract/openapi/document'
import { errorsOf } from '@gatehouse/contract/openapi/refusals'
import { openSchemaBook } from '@gatehouse/contract/openapi/schemas'
import { isFileAnswer, operationOf } from '@gatehouse/contract/route'
import { inputKinds as detectedKinds } from '@gatehouse/pki/read/input-kind'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorPermissions, viewerPermissions } from '../src/access/roles/built-in.ts'
import { type AppContext, makeApp } from '../src/app.ts'
import { systemClock } from '../src/platform/base/clock.ts'
import { startApp, type TestApp } from './app.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'
import { ourHeaders, sendRaw, sendTo } from './raw-request.ts'

let app: TestApp
let door: BackDoor
let token: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  token = await door.openToken('admin')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

interface Layer {
  route?: { path: string; stack: { method?: string }[] }
  handle: { stack?: Layer[] }
}

/** The routes that Express has: `GET /users`, below `/api`. */
function boundRoutes(): string[] {
  // No handler runs, so the contexts of the domains may be empty.
  const context = {
    domains: { access: {}, identity: {}, certificates: {}, brokers: {}, operations: {} },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    trustedProxies: [],
    webFolder: null,
    gate: {},
  }
  const { router } = makeApp({ ...context, localHealth: {}, https: false } as unknown as AppContext) as unknown as {
    router: { stack: Layer[] }
  }
  const inside = router.stack.flatMap(({ handle }) => handle.stack ?? [])
  return inside.flatMap(({ route }) => {
    // A layer without a method answers other methods with 405.
    const methods = new Set((route?.stack ?? []).flatMap(({ method }) => (method ? [method.toUpperCase()] : [])))
    return [...methods].map((method) => `${method} ${route?.path}`)
  })
}

describe('the routes', () => {
  it('are each bound once, and nothing else is bound', () => {
    const others = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /openapi.json']
    const contract = everyRoute.map(({ method, path }) => `${method} ${path}`)
    expect(boundRoutes().toSorted()).toEqual([...contract, ...others].toSorted())
  })

  it('are in an order in which a fixed path precedes a parameter that would match it', () => {
    for (const [at, route] of everyRoute.entries()) {
      const pattern = new RegExp(`^${route.path.replace(/:[a-zA-Z]+/g, '[^/]+')}$`)
      const hidden = everyRoute
        .slice(at + 1)
        .filter(({ method, path }) => method === route.method && pattern.test(path))
      expect(hidden.map(({ id }) => `${id} behind ${route.id}`)).toEqual([])
    }
  })

  it('have unique names, and match the snapshot', async () => {
    const lines = everyRoute.map((route) => {
      const marks = [route.recent && 'recent', route.tokens && 'tokens', route.forScripts && 'scripts'].filter(Boolean)
      const access = typeof route.access === 'string' ? route.access : route.access.join('|')
      const operation = route.access === 'permitted' ? ` ${operationOf(route)}` : ''
      return `${route.id}: ${route.method} ${route.path} → ${[access + operation, ...marks].join(', ')}`
    })
    expect(new Set(everyRoute.map(({ id }) => id)).size).toBe(everyRoute.length)
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./routes.txt')
  })

  it('are open to the built-in roles as in the snapshot', async () => {
    const lines = everyRoute.flatMap((route) => {
      if (route.access !== 'permitted') return []
      const viewer = mayCallSome(viewerPermissions, route) && 'gatehouse-viewer'
      const operator = mayCallSome(operatorPermissions, route) && 'gatehouse-operator'
      const holders = ['gatehouse-admin', operator, viewer].filter(Boolean)
      return [`${route.id}: ${route.method} ${route.path} → ${holders.join(', ')}`]
    })
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./built-in-roles.txt')
  })
})

interface Operation {
  operationId: string
  summary: string
  description: string
  requestBody?: { content: Record<string, Content> }
  responses: Record<string, { description: string; content?: Record<string, Content> }>
}
interface Content {
  example?: unknown
  examples?: Record<string, { value?: unknown; $ref?: string }>
}

const read = async () => (await sendRaw(app, { method: 'GET', path: '/api/openapi.json' })).text
const operationsOf = (text: string) => {
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> }
  return new Map(Object.values(paths).flatMap((path) => Object.values(path).map((one) => [one.operationId, one])))
}

describe('the document', () => {
  it('passes the strictest rules of a public linter', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] })
    const problems = await lintFromString({ source: await read(), absoluteRef: '/api/openapi.json', config })
    const found = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
    expect(found).toEqual([])
  })

  it('documents every route: purpose, access, and each error with an example', async () => {
    const text = await read()
    const operations = operationsOf(text)
    const { components } = JSON.parse(text) as { components: { examples: Record<string, { value: Problem }> } }
    expect([...operations.keys()].toSorted()).toEqual(everyRoute.map(({ id }) => id).toSorted())
    for (const route of everyRoute) {
      const { summary, description, responses } = operations.get(route.id) as Operation
      expect([route.id, summary, description]).toEqual([
        route.id,
        route.summary,
        expect.stringContaining('**Access:** '),
      ])
      const codes = Object.values(responses).flatMap(({ content }) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}),
      )
      expect([route.id, codes.toSorted()]).toEqual([route.id, errorsOf(route).toSorted()])
      for (const code of codes) expect(ProblemShape.parse(components.examples[code]?.value)).toMatchObject({ code })
    }
  })

  it('has an example value for every field', () => {
    const book = openSchemaBook()
    makeOpenApi('test', book)
    expect([...book.withoutValue]).toEqual([])
  })

  it('has an example of every body and answer, and the contract accepts it', async () => {
    const operations = operationsOf(await read())
    for (const route of everyRoute) {
      const { requestBody, responses } = operations.get(route.id) as Operation
      const bodies = Object.values(requestBody?.content['application/json']?.examples ?? {})
      expect([route.id, bodies.length > 0]).toEqual([route.id, route.body !== undefined])
      for (const { value } of bodies)
        expect([route.id, route.body?.safeParse(value).error]).toEqual([route.id, undefined])
      if (route.answer === null || isFileAnswer(route.answer)) continue
      const mediaType = route.events ? 'text/event-stream' : 'application/json'
      const answer = responses[route.status ?? 200]?.content?.[mediaType]?.example
      expect([route.id, answer !== undefined]).toEqual([route.id, true])
      expect([route.id, route.answer.safeParse(answer).error]).toEqual([route.id, undefined])
    }
  })
})

it('names the kinds of input that pki detects', () => {
  expect(inputKinds).toEqual(detectedKinds)
})

describe('an answer', () => {
  it('contains the fields of the contract and nothing else', async () => {
    const { text } = await sendTo(app, users.list, { token })
    const [user] = (JSON.parse(text) as { items: object[] }).items
    expect(Object.keys(user ?? {}).toSorted()).toEqual(
      [
        'createdAt',
        'disabledAt',
        'displayName',
        'grantTypes',
        'hasPassword',
        'id',
        'identityProvider',
        'kind',
        'lastSignInAt',
        'mappedRoles',
        'mfa',
        'mqttPublishPrefix',
        'mustChangePassword',
        'permissions',
        'roleNames',
        'roles',
        'tags',
        'username',
        'version',
      ].toSorted(),
    )
    expect(text).not.toMatch(/argon2|folded|_hash/)
  })

  it('has an id that a problem repeats and a caller cannot choose', async () => {
    const headers = { 'X-Request-Id': 'chosen' }
    const answers = [await sendTo(app, users.list, { headers }), await sendTo(app, users.list, { headers, token })]
    const ids = answers.map((answer) => answer.headers.get('X-Request-Id') ?? '')
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ requestId: ids[0], type: 'about:blank', status: 401 })
  })

  it('forbids caching, for successes and problems', async () => {
    const paths = [
      '/api/users',
      '/api/nothing',
      '/api/authorities/built-in.pem',
      '/api/password-policy',
      '/api/users/x',
    ]
    for (const path of paths) {
      const { headers } = await sendRaw(app, { method: 'GET', path }, { token })
      expect([path, headers.get('Cache-Control')]).toEqual([path, 'no-store'])
    }
  })
})

async function makeUser(username: string) {
  const body = JSON.stringify({ username })
  const { text } = await sendTo(app, users.create, { token, headers: ourHeaders, body })
  return `/api/users/${(JSON.parse(text) as { id: string }).id}`
}
const patch = (path: string, ifMatch: string) =>
  sendRaw(
    app,
    { method: 'PATCH', path },
    { token, headers: { 'If-Match': ifMatch }, body: Buffer.from('{"displayName":"x"}') },
  )

describe('a version', () => {
  let count = 100

  it('is sent as ETag and compared with If-Match', async () => {
    const path = await makeUser('versioned')
    const seen = await sendRaw(app, { method: 'GET', path }, { token })
    expect(seen.headers.get('ETag')).toBe('"1"')
    const changed = await patch(path, '"1"')
    expect([changed.status, changed.headers.get('ETag')]).toEqual([200, '"2"'])
    expect(await patch(path, '*')).toMatchObject({ status: 200 })
    expect((await sendRaw(app, { method: 'DELETE', path }, { token })).headers.get('ETag')).toBeNull()
  })

  it.each(['"2"', 'W/"2"', '"2-gzip"', 'W/"2-br"', '"2;gzip"', '"1", "2"', ' "7" ,W/"2-zstd",, "rubbish" ', '*'])(
    'that is current, as a proxy may have written it, %s, is taken',
    async (tag) => {
      const path = await makeUser(`current-${count++}`)
      await patch(path, '*')
      const { status, headers } = await patch(path, tag)
      expect([status, headers.get('ETag')]).toEqual([200, '"3"'])
    },
  )

  it.each([
    '"1"',
    'W/"1"',
    '"1-gzip"',
    '2',
    '"3", "4"',
    '"2-other"',
    '"02"',
    'w/"2"',
    '"2" "2"',
    '"2", 2',
    '"2", *',
    '"rubbish"',
    ',',
    '',
  ])('of another time, or malformed, %s, is refused', async (tag) => {
    const path = await makeUser(`old-${count++}`)
    await patch(path, '*')
    const before = await door.everything()
    const { status, code } = await patch(path, tag)
    expect([status, code]).toEqual([412, 'changed_meanwhile'])
    expect(await door.everything()).toBe(before)
  })
})
