import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterEach, expect, test } from 'vitest'
import { DirectoryFault } from './faults.ts'
import { openConnection } from './open-connection.ts'

const authority = makeAuthority({ subject: 'CA of the directory' })
const { certificatePem: cert, privateKeyPem: key } = issue(authority, {
  subject: 'localhost',
  alternativeNames: ['localhost'],
  extendedKeyUsage: ['serverAuth'],
})
/** An ExtendedResponse, and a BindResponse (RFC 4511 §4.2.2), with this result code. */
const extended = (code: number) => Buffer.from([0x30, 0x0c, 2, 1, 1, 0x78, 7, 10, 1, code, 4, 0, 4, 0])
const bound = (id: number, code: number) => Buffer.from([0x30, 0x0c, 2, 1, id, 0x61, 7, 10, 1, code, 4, 0, 4, 0])
/** A successful BindResponse that lacks its last 14 bytes. */
const forged = (id: number) => Buffer.from([0x30, 0x1a, 2, 1, id, 0x61, 21, 10, 1, 0, 4, 0, 4, 14])

const closings: (() => void)[] = []
afterEach(() => {
  for (const close of closings.splice(0)) close()
})

/** Answers StartTLS with `answer`, then speaks TLS and refuses every bind. */
async function serve(answer: Buffer): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(answer)
      const secured = new TLSSocket(socket, { isServer: true, cert, key })
      secured.on('error', () => {})
      // The id of the request: after the header and the tag of an integer with one byte.
      secured.on('data', (request) => secured.write(bound(request[4] ?? 0, 49)))
    })
  })
  closings.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function bindAfter(answer: Buffer): Promise<string> {
  const limits = { connectTimeoutMs: 10_000, responseTimeoutMs: 10_000 }
  const target = { host: 'localhost', tls: 'starttls', authorities: authority.certificatePem, ...limits } as const
  try {
    const connection = await openConnection({ ...target, port: await serve(answer) })
    closings.push(() => connection.close())
    return (await connection.bind('cn=alice', 'wrong')) ? 'right' : 'wrong'
  } catch (error) {
    return error instanceof DirectoryFault ? error.problem : String(error)
  }
}

test('believes only answers that came inside TLS', async () => {
  expect(await bindAfter(extended(0))).toBe('wrong')
  // Somebody on the way sends the beginning of a success for the next ids, which the refusal inside TLS would complete.
  for (const id of [1, 2, 3]) expect(await bindAfter(Buffer.concat([extended(0), forged(id)]))).toBe('wrong')
})

test('names a server that refuses StartTLS or floods before it', async () => {
  expect(await bindAfter(extended(2))).toBe('starttls_refused')
  expect(await bindAfter(Buffer.alloc(100_000, 0x30))).toBe('unexpected_answer')
})
