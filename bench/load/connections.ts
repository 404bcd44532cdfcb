/** Opens connections over TLS, for MQTT or HTTP. It does not know which server answers: all sides get the same bytes. */
import { once } from 'node:events'
import { connect, type EphemeralKeyInfo, type TLSSocket } from 'node:tls'
import { generate, parser } from 'mqtt-packet'
import type { Identity } from '../identities.ts'
import { exchange } from './requests.ts'
import { smallRequest } from './transfers.ts'

export interface Target {
  host: string
  port: number
  /** `http`: one request before the connection counts as open. `handshake`: TLS only; we close the connection cleanly after the handshake. */
  speaks: 'mqtt' | 'http' | 'handshake'
}

/** What was on the wire, to compare the sides. */
export interface Wire {
  protocol: string | null
  cipher: string
  /** The key exchange group. */
  group: string
  /** Bytes of MQTT, without TLS. */
  bytesSent: number
}

const timeoutMs = 60_000

/** Connects `count` times, at most `atOnce` at a time, and closes each connection after CONNACK. */
export async function connectAndLeave(
  target: Target,
  machines: readonly Identity[],
  { count, atOnce }: { count: number; atOnce: number },
): Promise<Wire> {
  let started = 0
  let wire: Wire | undefined
  async function oneAfterTheOther(): Promise<void> {
    while (started < count) {
      const at = started++
      const socket = await open(target, pick(machines, at), `bench-${at}`)
      wire ??= describe(socket)
      await close(socket)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther))
  if (!wire) throw new Error('Nothing was connected')
  return wire
}

/** Connects `count` times and keeps the connections open. Client ids are `<prefix><n>`. `keepAlive`: seconds, 0 means none. */
export async function connectAndStay(
  target: Target,
  machines: readonly Identity[],
  { count, atOnce, prefix, keepAlive = 0 }: { count: number; atOnce: number; prefix: string; keepAlive?: number },
): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = []
  let started = 0
  async function oneAfterTheOther(): Promise<void> {
    while (started < count) {
      const at = started++
      sockets.push(await open(target, pick(machines, at), `${prefix}${at}`, keepAlive))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther))
  return sockets
}

export function pick<T>(list: readonly T[], at: number): T {
  const picked = list[at % list.length]
  if (picked === undefined) throw new Error('An empty list')
  return picked
}

/** Resolves on a successful CONNACK, on the first answer of HTTP, or after the handshake. */
export function open(
  { host, port, speaks }: Target,
  identity: Pick<Identity, 'secureContext'>,
  clientId: string,
  keepAlive = 0,
): Promise<TLSSocket> {
  return new Promise((done, fail) => {
    const socket = connect({
      host,
      port,
      secureContext: identity.secureContext,
      minVersion: 'TLSv1.3',
      // The client does not verify the server: the server's work is measured.
      rejectUnauthorized: false,
    })
    const failWith = (why: string) => {
      socket.destroy()
      fail(new Error(`${clientId} at port ${port}: ${why}`))
    }
    const closed = () => failWith('closed before it was admitted')
    socket.setTimeout(timeoutMs, () => failWith('no answer'))
    socket.once('error', (error) => failWith(error.message))
    socket.once('close', closed)
    const finish = () => {
      socket.off('close', closed).setTimeout(0)
      done(socket)
    }
    socket.once('secureConnect', () => {
      if (speaks === 'handshake') return finish()
      if (speaks === 'http') return void exchange(socket, smallRequest).then(finish, failWith)
      const packets = parser()
      packets.on('packet', (packet) => {
        if (packet.cmd !== 'connack') return
        if (packet.returnCode === 0) finish()
        else failWith(`refused with ${packet.returnCode}`)
      })
      socket.on('data', (data) => packets.parse(data))
      socket.write(connectPacket(clientId, keepAlive))
    })
  })
}

function connectPacket(clientId: string, keepalive: number): Buffer {
  return generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive })
}

function describe(socket: TLSSocket): Wire {
  const { name: group = '' } = socket.getEphemeralKeyInfo() as EphemeralKeyInfo
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    group,
    bytesSent: socket.bytesWritten,
  }
}

// A clean close: the server has to process our certificate before it sees the end.
async function close(socket: TLSSocket): Promise<void> {
  const closed = once(socket, 'close')
  socket.resume().end()
  await closed
}
