/**
 * The console's files: compressed if the browser accepts it, one tag for all encodings, cached for a year if the name
 * has a hash.
 */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import express from 'express'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeSessionCookie } from './session-cookie.ts'
import { webApp } from './web-app.ts'

const script = `console.log("${'a script of the console '.repeat(200)}")\n`
const start = '<!doctype html><html lang="en"><head><meta name="csp-nonce" content="__NONCE__" /></head>'
const page = start.padEnd(2_000, '.')
const preloads = {
  console: ['/assets/console-abc.js', '/assets/console-abc.css'],
  pages: { '/users': ['/assets/console-abc.js', '/assets/console-abc.css', '/assets/users-abc.js'] },
}
const asset = '/assets/index-abc.js'

const options = {
  providers: [{ name: 'plant', kind: 'oidc' as const, label: 'Plant & <Sons> "Ltd"' }],
  passwordSignIn: true,
}

let folder: string
let server: Server
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-web-'))
  await mkdir(join(folder, 'en', 'assets'), { recursive: true })
  await mkdir(join(folder, 'de', 'assets'), { recursive: true })
  await writeFile(join(folder, 'en', 'index.html'), page)
  await writeFile(join(folder, 'de', 'index.html'), page.replace('<head>', '<head><title>Deutsch</title>'))
  await writeFile(join(folder, 'en', '.preloads.json'), JSON.stringify(preloads))
  await writeFile(join(folder, 'en', 'favicon.svg'), '<svg/>')
  await writeFile(join(folder, 'en', asset), script)
  await writeFile(join(folder, 'en', `${asset}.br`), brotliCompressSync(script))
  await writeFile(join(folder, 'en', `${asset}.gz`), gzipSync(script))
  const app = express().set('etag', false)
  app.use((_request, response, next) => {
    response.locals.nonce = 'drawn'
    response.setHeader('Content-Security-Policy', "default-src 'self'").setHeader('X-Content-Type-Options', 'nosniff')
    next()
  })
  app.use(
    webApp(folder, { cookie: makeSessionCookie({ secure: false }), readSignInOptions: () => Promise.resolve(options) }),
  )
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

interface Received {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

/** Uses Node's client, which does not decompress. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Received> {
  const { port } = server.address() as AddressInfo
  const request = sendRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }).end()
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

const unpack = {
  br: (body: Buffer) => String(brotliDecompressSync(body)),
  gzip: (body: Buffer) => String(gunzipSync(body)),
  identity: String,
}

describe('a file of the console', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['identity;q=0', 'identity'],
    ['identity;q=0, *', 'br'],
    ['*;q=0', 'identity'],
    ['identity, br;q=0.1', 'identity'],
    ['x-gzip', 'identity'],
    ['', 'identity'],
  ] as const)('is sent for "Accept-Encoding: %s" as %s', async (accepted, encoding) => {
    const { status, headers, body } = await ask(asset, { 'Accept-Encoding': accepted })
    expect([status, headers['content-encoding'] ?? 'identity']).toEqual([200, encoding])
    expect(unpack[encoding](body)).toBe(script)
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(body.length),
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    })
  })

  test('is sent unencoded to a client that sends no Accept-Encoding', async () => {
    const { headers, body } = await ask(asset)
    expect([headers['content-encoding'], String(body)]).toEqual([undefined, script])
  })

  test('has one tag for all encodings, and gives 304 for it in each', async () => {
    const encodings = ['br', 'gzip', 'identity']
    const answers = await Promise.all(encodings.map((encoding) => ask(asset, { 'Accept-Encoding': encoding })))
    const [tag, ...others] = answers.map(({ headers }) => String(headers['etag']))
    expect(tag).toMatch(/^W\/"/)
    expect(others).toEqual([tag, tag])
    for (const encoding of encodings) {
      const headers = { 'Accept-Encoding': encoding, 'If-None-Match': tag ?? '' }
      const known = await ask(asset, headers)
      expect([known.status, known.body.length, known.headers['etag']]).toEqual([304, 0, tag])
      expect(known.headers).toMatchObject({ vary: 'Accept-Encoding' })
      const other = await ask(asset, { ...headers, 'If-None-Match': 'W/"other"' })
      expect(other.status).toBe(200)
    }
  })

  test('has the same headers for HEAD and GET', async () => {
    const headers = { 'Accept-Encoding': 'br' }
    const [head, get] = [await ask(asset, headers, 'HEAD'), await ask(asset, headers)]
    expect([head.status, head.body.length]).toEqual([200, 0])
    for (const name of ['content-encoding', 'content-length', 'content-type', 'etag', 'vary', 'cache-control'])
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]])
  })

  test('ignores ranges for a compressed file, and sends them of the plain one', async () => {
    const part = await ask(asset, { Range: 'bytes=0-6' })
    expect([part.status, String(part.body)]).toEqual([206, script.slice(0, 7)])
    const packed = await ask(asset, { 'Accept-Encoding': 'br', Range: 'bytes=0-6' })
    expect([packed.status, packed.headers['content-encoding'], unpack.br(packed.body)]).toEqual([200, 'br', script])
    expect(packed.headers['accept-ranges']).toBeUndefined()
  })

  test('gives 404 if it is missing, for every Accept', async () => {
    for (const path of ['/assets/gone.js', '/assets/constructor.js', '/index-abc.js.br']) {
      const { status, headers } = await ask(path, { 'Accept-Encoding': 'br' })
      expect([path, status, headers['content-encoding']]).toEqual([path, 404, undefined])
    }
  })

  test('is sent plain if it has no compressed twin', async () => {
    const { status, headers, body } = await ask('/favicon.svg', { 'Accept-Encoding': 'br' })
    expect([status, String(body), headers['content-encoding']]).toEqual([200, '<svg/>', undefined])
  })
})

describe('the page', () => {
  test.each(['br', 'gzip', 'identity'] as const)('is generated for each request, as %s', async (encoding) => {
    const { headers, body } = await ask('/users', { 'Accept-Encoding': encoding })
    expect([headers['content-encoding'] ?? 'identity', headers['vary']]).toEqual([
      encoding,
      'Accept-Language, Accept-Encoding',
    ])
    expect(unpack[encoding](body)).toContain('<meta name="csp-nonce" content="drawn" />')
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-length': String(body.length) })
    // A page in the browser's cache would contain a used nonce.
    expect(headers['etag']).toBeUndefined()
  })

  test.each([
    ['the first language of the browser that exists', { 'Accept-Language': 'fr, de-AT;q=0.9, en;q=0.8' }, true],
    ['English for a browser that prefers it', { 'Accept-Language': 'en-GB, de;q=0.5' }, false],
    ['English for a browser whose languages do not exist', { 'Accept-Language': 'fr' }, false],
    ['English for a client that names none', {}, false],
    ['the language that was chosen', { Cookie: 'gatehouse-language=de', 'Accept-Language': 'en' }, true],
    ['English for a chosen language that does not exist', { Cookie: 'gatehouse-language=../en' }, false],
  ])('is sent in %s', async (_title, headers, isGerman) => {
    expect(String((await ask('/users', headers as Record<string, string>)).body).includes('Deutsch')).toBe(isGerman)
  })

  test.each([
    ['dark', '<html data-mantine-color-scheme="dark" lang="en">'],
    ['auto', '<html lang="en">'],
    ['x"><script>', '<html lang="en">'],
  ])('has the chosen colour scheme %s only if it is light or dark', async (chosen, expected) => {
    const { body } = await ask('/users', { Cookie: `gatehouse-color-scheme=${chosen}` })
    expect(String(body)).toContain(`${expected}<head>`)
  })
})

async function hintsOf(path: string, headers: Record<string, string>): Promise<string> {
  const text = String((await ask(path, headers)).body)
  return text.slice(text.indexOf('content="drawn" />') + 'content="drawn" />'.length, text.indexOf('</head>'))
}

describe('the hints of the page', () => {
  const ways =
    '<meta name="sign-in" content="{&quot;providers&quot;:[{&quot;name&quot;:&quot;plant&quot;,&quot;kind&quot;:&quot;oidc&quot;,' +
    '&quot;label&quot;:&quot;Plant &amp; &lt;Sons> \\&quot;Ltd\\&quot;&quot;}],&quot;passwordSignIn&quot;:true}" />'
  const nobody = `<meta name="session" content="none" />${ways}`
  const askSession = '<link rel="preload" as="fetch" crossorigin href="/api/session" />'
  const around =
    '<link rel="modulepreload" crossorigin href="/assets/console-abc.js" />' +
    '<link rel="preload" as="style" crossorigin href="/assets/console-abc.css" />'
  const users = '<link rel="modulepreload" crossorigin href="/assets/users-abc.js" />'
  const cookie = { Cookie: 'gatehouse=any' }

  test.each([
    ['without a cookie say that there is no session', '/users', { 'Sec-Fetch-Site': 'none' }, nobody],
    ['after a reload without a cookie say so too', '/users', { 'Sec-Fetch-Site': 'same-origin' }, nobody],
    [
      'from another site do not say so, because the browser withheld the cookie',
      '/',
      { 'Sec-Fetch-Site': 'cross-site' },
      askSession + ways,
    ],
    ['from a sibling site do not say so', '/', { 'Sec-Fetch-Site': 'same-site' }, askSession + ways],
    ['do not say so to a browser that does not state where it comes from', '/', {}, askSession + ways],
    ['with a cookie name the files of the page', '/users', cookie, askSession + around + users],
    ["with a cookie name the console's files on any other path", '/nothing', cookie, askSession + around],
    ['with a cookie ignore paths named like object properties', '/constructor', cookie, askSession + around],
  ])('%s', async (_title, path, headers, hints) => {
    expect(await hintsOf(path, headers as Record<string, string>)).toBe(hints)
  })

  test('repeat nothing of the request', async () => {
    const text = String((await ask('/%22%3E%3Cscript%3E?%3Cscript%3E', { Cookie: 'gatehouse="><script>' })).body)
    expect(text).not.toMatch(/script/)
  })

  test('come from a file that is not served', async () => {
    expect((await ask('/.preloads.json')).status).toBe(404)
  })
})

test('the answer to a request for a script that was deleted after the start keeps the content security policy', async () => {
  const gone = '/assets/gone-abc.js'
  await writeFile(join(folder, 'en', gone), script)
  await writeFile(join(folder, 'en', `${gone}.br`), brotliCompressSync(script))
  const later = express().set('etag', false)
  later.use((_request, response, next) => {
    response.locals.nonce = 'drawn'
    response.setHeader('Content-Security-Policy', "default-src 'self'")
    next()
  })
  later.use(
    webApp(folder, { cookie: makeSessionCookie({ secure: false }), readSignInOptions: () => Promise.resolve(options) }),
  )
  later.use((_request, response) => void response.status(404).end())
  await rm(join(folder, 'en', gone))
  await rm(join(folder, 'en', `${gone}.br`))
  const other = later.listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}${gone}`
  const { headers } = await fetch(url, { headers: { 'Accept-Encoding': 'br' } })
  expect(headers.get('Content-Security-Policy')).toBe("default-src 'self'")
})

test.each(['br', 'gzip', 'identity'])('a script as %s has no headers that only documents need', async (encoding) => {
  const { status, headers } = await ask(asset, { 'Accept-Encoding': encoding })
  expect([status, headers['x-content-type-options']]).toEqual([200, 'nosniff'])
  expect(headers).not.toHaveProperty('content-security-policy')
})

test.each(['/', '/favicon.svg', '/assets/missing.js', '/users.js'])(
  '%s keeps the content security policy',
  async (path) => {
    expect((await ask(path)).headers).toHaveProperty('content-security-policy')
  },
)
