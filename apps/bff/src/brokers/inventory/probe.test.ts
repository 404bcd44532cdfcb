/** The steps of a test against servers that behave well, badly or not at all. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { generate, type IConnectPacket, parser } from 'mqtt-packet'
import { afterAll, expect, it } from 'vitest'
import { testConnection, testStrangers } from './probe.ts'

const authority = makeAuthority({ subject: 'Plant CA' })
const own = issue(authority, {
  subject: 'localhost',
  alternativeNames: ['localhost'],
  extendedKeyUsage: ['serverAuth'],
})

const servers: Server[] = []
const sockets = new Set<Socket>()
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

type Judge = (packet: IConnectPacket) => number

/** Answers each CONNECT with the return code of `judge`. */
function answering(judge: Judge) {
  return (socket: Socket) => {
    keep(socket)
    const reading = parser()
    reading.on('packet', (packet) => {
      if (packet.cmd !== 'connect') return
      socket.write(generate({ cmd: 'connack', returnCode: judge(packet), sessionPresent: false }))
    })
    reading.on('error', () => socket.destroy())
    socket.on('data', (chunk) => void reading.parse(chunk))
  }
}

function keep(socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => {})
}

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const plain = (onSocket: (socket: Socket) => void) => listen(createServer(onSocket))
const secured = (onSocket: (socket: Socket) => void) =>
  listen(createTlsServer({ cert: own.certificatePem, key: own.privateKeyPem }, onSocket))

const right = { username: 'gatehouse', password: 'right' }
const careful: Judge = ({ username, password }) =>
  username === right.username && String(password) === right.password ? 0 : 5

async function outcomes(port: number, more: { tls?: boolean; authorities?: string | null } = {}) {
  const target = { host: 'localhost', port, tls: false, authorities: null, ...more }
  const steps = await testConnection(target, right)
  return steps.map(({ step, outcome, problem, detail }) => [step, outcome, problem, detail].filter(Boolean).join(' '))
}

it('passes each step of a broker with TLS, its own CA and the right password', async () => {
  const port = await secured(answering(careful))
  expect(await outcomes(port, { tls: true, authorities: authority.certificatePem })).toEqual([
    'address passed',
    'tcp passed',
    'tls passed',
    'credentials passed',
  ])
})

it('names TLS when the CA is not the one of the broker, and skips what follows', async () => {
  const port = await secured(answering(careful))
  const other = makeAuthority({ subject: 'Other CA' })
  expect(await outcomes(port, { tls: true, authorities: other.certificatePem })).toEqual([
    'address passed',
    'tcp passed',
    'tls failed tls_failed UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'credentials skipped',
  ])
})

it('names the port when nothing listens there', async () => {
  const port = await plain(() => {})
  servers.at(-1)?.close()
  expect(await outcomes(port)).toEqual([
    'address passed',
    'tcp failed unreachable ECONNREFUSED',
    'tls skipped',
    'credentials skipped',
  ])
})

it.each([
  ['refuses the password', answering(() => 5), 'credentials failed credentials_refused CONNACK 5'],
  ['is not available', answering(() => 3), 'credentials failed wrong_answer CONNACK 3'],
  ['never answers', keep, 'credentials failed no_answer'],
  ['closes without an answer', (socket: Socket) => socket.end(), 'credentials failed wrong_answer'],
  [
    'speaks another protocol',
    (socket: Socket) => {
      keep(socket)
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    },
    'credentials failed wrong_answer',
  ],
])('names the sign-in when the broker %s', async (_says, onSocket, expected) => {
  const port = await plain(onSocket)
  expect(await outcomes(port)).toEqual(['address passed', 'tcp passed', 'tls skipped', expected])
})

async function strangers(...ports: number[]) {
  const steps = await testStrangers({ host: 'localhost' }, { ports, username: 'gatehouse' })
  return steps.map(({ step, outcome, problem, detail }) => [step, outcome, problem, detail].filter(Boolean).join(' '))
}

it('passes when clients without credentials and with a wrong password are refused, with TLS and without', async () => {
  const ports = [await plain(answering(careful)), await secured(answering(careful))]
  expect(await strangers(...ports)).toEqual(['anonymous passed', 'wrong_password passed'])
})

it('fails when a port admits a client without credentials', async () => {
  const good = await plain(answering(careful))
  const open = await secured(answering(({ username }) => (username === undefined ? 0 : 5)))
  expect(await strangers(good, open)).toEqual([`anonymous failed fails_open ${open}`, 'wrong_password passed'])
})

it('fails when a port admits a wrong password, also for unknown users only', async () => {
  const open = await plain(answering(({ username }) => (username === undefined || username === 'gatehouse' ? 5 : 0)))
  expect(await strangers(open)).toEqual(['anonymous passed', `wrong_password failed fails_open ${open}`])
})

it('fails when a port cannot be reached, because nothing was proved', async () => {
  const port = await plain(() => {})
  servers.at(-1)?.close()
  expect(await strangers(port)).toEqual([
    `anonymous failed unreachable ${port}`,
    `wrong_password failed unreachable ${port}`,
  ])
})

it('skips what has no port', async () => {
  expect(await strangers()).toEqual(['anonymous skipped', 'wrong_password skipped'])
})
