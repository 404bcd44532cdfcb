/** Malformed bodies: the server refuses each with a code and changes nothing. */

import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startApp, type TestApp } from './app.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'
import { ourHeaders, type RawRequest, sendTo } from './raw-request.ts'

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

/** Sends this body as a new user and returns the outcome. Nothing else may change. */
async function refusedBody(body: string | Buffer<ArrayBuffer>, headers: RawRequest['headers'] = {}) {
  const before = await door.everything()
  const bytes = Buffer.from(body)
  const { status, text } = await sendTo(app, users.create, {
    token,
    headers: { ...ourHeaders, ...headers },
    body: bytes,
  })
  expect(await door.everything()).toBe(before)
  const { code, fields } = JSON.parse(text) as { code: string; fields?: object }
  return { status, code, fields }
}

const user = '{"username":"from-raw-body"}'

describe('malformed JSON', () => {
  it.each([
    ['nothing', ''],
    ['half an object', '{"username":'],
    ['a comma too many', '{"username":"abc",}'],
    ['single quotes', "{'username':'abc'}"],
    ['two documents', `${user}${user}`],
    ['a bare word', 'undefined'],
    ['not a number', '{"username":NaN}'],
    ['a line break in a string', '{"username":"a\nb"}'],
    ['a form', 'username=abc'],
    [
      'bytes that are no UTF-8',
      Buffer.from([...Buffer.from('{"username":"abc","displayName":"'), 0xff, 0xfe, 0x22, 0x7d]),
    ],
    ['UTF-16', Buffer.from(user, 'utf16le')],
    ['brackets without end', '['.repeat(100_000)],
  ])('is refused: %s', async (_what, body) => {
    expect(await refusedBody(body)).toEqual({ status: 400, code: 'broken_json', fields: undefined })
  })

  it.each([
    ['a list', '[]'],
    ['a string', '"username"'],
    ['null', 'null'],
    ['a number', '1e400'],
    ['a deep nest', `{"username":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
    ['a number for a name', '{"username":12345}'],
    ['an object for a name', '{"username":{"$ne":""}}'],
    ['a list for a name', '{"username":["abc"]}'],
  ])('that is something else is not valid: %s', async (_what, body) => {
    expect(await refusedBody(body)).toMatchObject({ status: 400, code: 'invalid' })
  })
})

describe('a member name that every object inherits', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s is refused and named',
    async (name) => {
      const body = `{"username":"abc","${name}":{"isAdmin":true,"status":200}}`
      expect(await refusedBody(body)).toEqual({ status: 400, code: 'invalid', fields: { [name]: 'unknown' } })
      expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    },
  )

  it('is refused in nested objects too', async () => {
    const permission = '{"context":"mqtt","resource":"a","operation":"read","__proto__":{"operation":"readWrite"}}'
    expect(await refusedBody(`{"username":"abc","permissions":[${permission}]}`)).toMatchObject({ code: 'invalid' })
  })

  it('counts with its last value when it is repeated', async () => {
    const body = Buffer.from('{"username":"first-value","username":"last-value"}')
    const { text } = await sendTo(app, users.create, { token, headers: ourHeaders, body })
    expect(JSON.parse(text)).toMatchObject({ username: 'last-value' })
    expect(await door.idOf('first-value')).toBeUndefined()
  })
})

describe('a body that is too large', () => {
  const long = `{"username":"abc","displayName":"${'x'.repeat(100 * 1024)}"}`

  it('is refused, and compressed bodies are not decompressed', async () => {
    expect(await refusedBody(long)).toMatchObject({ status: 413, code: 'too_large' })
    const packed = gzipSync(`{"username":"abc","displayName":"${'x'.repeat(50_000_000)}"}`)
    expect(packed.length).toBeLessThan(100 * 1024)
    expect(await refusedBody(Buffer.from(packed), { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 415 })
  })

  it('is refused before it has arrived completely, and the server keeps answering', async () => {
    const before = await door.everything()
    const { hostname, port } = new URL(app.url)
    const head = [
      'POST /api/users HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${token}`,
      'Content-Length: 999999999',
      '',
      '',
    ]
    const socket = connect(Number(port), hostname)
    socket.write(head.join('\r\n'))
    const answer = await new Promise<string>((resolve) => void socket.once('data', (data) => resolve(data.toString())))
    socket.destroy()
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect((await sendTo(app, users.list, { token })).status).toBe(200)
    expect(await door.everything()).toBe(before)
  })

  it('is refused without a Content-Length, and the connection stays usable', async () => {
    const { hostname, port } = new URL(app.url)
    const head = `Host: x\r\nAuthorization: Bearer ${token}\r\n`
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.on('data', (data) => (received += data.toString()))
    socket.write(`POST /api/users HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}0\r\n\r\n`)
    await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1.1 413 /), { timeout: 15_000 })
    socket.write(`GET /api/password-policy HTTP/1.1\r\n${head}\r\n`)
    await vi.waitFor(() => expect(received).toMatch(/HTTP\/1.1 200 /), { timeout: 15_000 })
    socket.destroy()
  })

  it('is refused in an unsupported encoding or charset', async () => {
    expect(await refusedBody(user, { 'Content-Encoding': 'compress' })).toMatchObject({ status: 415 })
    expect(await refusedBody(user, { 'Content-Type': 'application/json; charset=utf-16' })).toMatchObject({
      status: 415,
    })
  })
})

describe('text', () => {
  it.each(['\0', '\n', '\u001b[31m', '\u202e', '\u2066', '\u200b', '\ufeff', '\u2028', '\ud800', '\udfff'])(
    'with %j in it is refused wherever people read it',
    async (character) => {
      const text = JSON.stringify(`a${character}b`)
      expect(await refusedBody(`{"username":"abc","displayName":${text}}`)).toMatchObject({
        fields: { displayName: 'invalid' },
      })
      const before = await door.everything()
      const body = Buffer.from(`{"name":"abc","description":${text}}`)
      const { text: answer } = await sendTo(app, roles.create, { token, headers: ourHeaders, body })
      expect(JSON.parse(answer)).toMatchObject({ code: 'invalid', fields: { description: 'invalid' } })
      expect(await door.everything()).toBe(before)
    },
  )

  it.each(['a\0b', 'a\ud800b'])('%j is refused as a topic and as a prefix', async (text) => {
    const permissions = [{ context: 'mqtt', resource: text, operation: 'read' }]
    expect(await refusedBody(JSON.stringify({ username: 'abc', permissions }))).toMatchObject({
      fields: { 'permissions.0.resource': 'topic_filter' },
    })
    expect(await refusedBody(JSON.stringify({ username: 'abc', mqttPublishPrefix: text }))).toMatchObject({
      fields: { mqttPublishPrefix: 'topic' },
    })
  })

  it('in other languages is stored unchanged', async () => {
    const displayName = 'Žofie Nováková 品川 🏭 مرحبا'
    const body = Buffer.from(JSON.stringify({ username: 'languages', displayName }))
    const { text } = await sendTo(app, users.create, { token, headers: ourHeaders, body })
    expect(JSON.parse(text)).toMatchObject({ displayName })
  })

  it('of 65 characters as a username is refused at sign-in like any unknown user', async () => {
    const body = JSON.stringify({ username: 'a'.repeat(65), password: 'x' })
    expect((await sendTo(app, session.signIn, { headers: ourHeaders, body })).code).toBe('wrong_credentials')
  })
})
