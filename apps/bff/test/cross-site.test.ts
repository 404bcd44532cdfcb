/** Requests that a foreign page can make a browser send, on every writing route; other body types; wrong addresses. */
import { everyRoute } from '@gatehouse/contract/api'
import { users } from '@gatehouse/contract/identity/users'
import type { Route } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from './app.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'
import { ourHeaders, type RawRequest, sendRaw, sendTo } from './raw-request.ts'

let app: TestApp
let door: BackDoor
let cookie: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  cookie = await door.openSession('admin')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const changing = everyRoute.filter(({ method }) => method !== 'GET')
const browserOnly = changing.filter((route) => !route.forScripts)
const { 'X-Requested-With': _left, ...withoutOurs } = ourHeaders

/** The codes that the routes answer, and whether anything changed. */
async function attack(routes: readonly Route[], request: RawRequest) {
  const before = await door.everything()
  const met: Record<string, string | null> = {}
  for (const route of routes) met[route.id] = (await sendTo(app, route, { cookie, body: '{}', ...request })).code
  return { met, isUntouched: (await door.everything()) === before }
}

function all(routes: readonly Route[], code: string) {
  return { met: Object.fromEntries(routes.map(({ id }) => [id, code])), isUntouched: true }
}

describe('a state change is refused as cross_site', () => {
  it('without our header', async () => {
    expect(await attack(browserOnly, { headers: withoutOurs })).toEqual(all(browserOnly, 'cross_site'))
  })

  it('with another value in our header', async () => {
    const headers = { ...ourHeaders, 'X-Requested-With': 'XMLHttpRequest' }
    expect(await attack(browserOnly, { headers })).toEqual(all(browserOnly, 'cross_site'))
  })

  it.each(['https://evil.example', 'null', 'http://localhost', 'http://127.0.0.1:1', 'https://127.0.0.1'])(
    'from the origin %s',
    async (Origin) => {
      expect(await attack(changing, { headers: { ...ourHeaders, Origin } })).toEqual(all(changing, 'cross_site'))
    },
  )

  it('from a foreign origin that equals the Host header', async () => {
    const headers = { ...ourHeaders, Origin: 'http://evil.example', Host: 'evil.example' }
    expect(await attack(changing, { headers })).toEqual(all(changing, 'cross_site'))
  })

  it.each(['cross-site', 'same-site', 'none'])('when the browser says %s', async (site) => {
    const headers = { ...ourHeaders, 'Sec-Fetch-Site': site }
    expect(await attack(changing, { headers })).toEqual(all(changing, 'cross_site'))
  })

  it('for the sign-in too, to prevent login CSRF', async () => {
    const headers = { ...ourHeaders, Origin: 'https://evil.example' }
    const body = JSON.stringify({ username: 'admin', password: 'a perfectly good password' })
    const answer = await sendRaw(app, { method: 'POST', path: '/api/session' }, { headers, body })
    expect(answer.code).toBe('cross_site')
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

describe('a state change is allowed', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]'])('from our own page at %s', async (host) => {
    const headers = {
      ...ourHeaders,
      Origin: `http://${host}:${new URL(app.url).port}`,
      'Sec-Fetch-Site': 'same-origin',
    }
    expect(await sendTo(app, users.create, { cookie, headers, body: '{}' })).toMatchObject({ code: 'invalid' })
  })

  it('from a script with a token, with any origin', async () => {
    const token = await door.openToken('admin')
    const answer = await sendTo(app, users.create, { token, headers: { Origin: 'https://ci.example' }, body: '{}' })
    expect(answer.code).not.toBe('cross_site')
  })
})

function servesFull({ access }: Route): boolean {
  return typeof access === 'string' || access.includes('full')
}

describe('a body', () => {
  const withBody = everyRoute.filter((route) => route.body)
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json', '']

  it.each(types)('of the type "%s" is refused from a browser', async (type) => {
    const headers = { ...ourHeaders, 'Content-Type': type }
    // A session at stage `full` reaches the body check. A route for another stage refuses it before.
    const routes = withBody.filter((route) => !route.forScripts && servesFull(route))
    expect(await attack(routes, { headers, body: Buffer.from('{}') })).toEqual(all(routes, 'unsupported_media_type'))
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'of the type "%s" is read',
    async (type) => {
      const headers = { ...ourHeaders, 'Content-Type': type }
      const { met } = await attack([users.create], { headers, body: '{}' })
      expect(met).toEqual({ 'users.create': 'invalid' })
    },
  )

  it.each([
    ['', 'invalid'],
    ['application/x-www-form-urlencoded', 'invalid'],
    ['text/plain', 'unsupported_media_type'],
    ['multipart/form-data; boundary=x', 'unsupported_media_type'],
  ])('of the type "%s" with a token: %s', async (type, code) => {
    const token = await door.openToken('admin')
    const answer = await sendTo(app, users.create, {
      token,
      headers: { 'Content-Type': type },
      body: Buffer.from('{}'),
    })
    expect(answer.code).toBe(code)
  })

  it('without a content type is refused when the Authorization header is not a token', async () => {
    const { 'Content-Type': _none, ...headers } = ourHeaders
    const answer = await sendTo(app, users.create, {
      cookie,
      headers: { ...headers, Authorization: 'Basic eDp5' },
      body: Buffer.from('{}'),
    })
    expect(answer.code).toBe('unsupported_media_type')
  })
})

describe('an unknown address', () => {
  it.each(['/api/nothing', '/api', '/api/', '/api/users/', '/api/Users', '/api//users', '/api/users/a/b'])(
    '%s is not found',
    async (path) => {
      expect(await sendRaw(app, { method: 'GET', path }, { cookie })).toMatchObject({ status: 404, code: 'not_found' })
    },
  )

  it('in capitals is not found', async () => {
    const { text } = await sendRaw(app, { method: 'GET', path: '/API/users' }, { cookie })
    expect(text).not.toContain('items')
  })

  it('with a malformed escape is invalid', async () => {
    expect(await sendRaw(app, { method: 'GET', path: '/api/users/%E0%A4%A' }, { cookie })).toMatchObject({
      status: 400,
    })
  })

  it.each([
    ['PUT', '/api/users', 'GET, POST'],
    ['PATCH', '/api/session', 'POST, GET, DELETE'],
    ['GET', '/api/login', 'POST'],
    ['OPTIONS', '/api/users', 'GET, POST'],
    ['POST', '/api/authorities/built-in.pem', 'GET'],
  ])('%s %s is not a method of it, and says which are', async (method, path, allowed) => {
    const before = await door.everything()
    const answer = await sendRaw(app, { method, path }, { cookie, headers: ourHeaders })
    expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' })
    expect(answer.headers.get('Allow')).toBe(allowed)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
    expect(await door.everything()).toBe(before)
  })
})
