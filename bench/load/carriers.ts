/** What carries the bytes of MQTT on a socket: plain TCP, or WebSocket (RFC 6455). */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'

export interface Carrier {
  open(port: number): Promise<Socket>
  /** @returns the bytes on the wire of one packet. */
  pack(packet: Buffer): Buffer
  /** @returns a function that takes the chunks of one socket in order, and returns the MQTT in each. */
  unpacker(): (chunk: Buffer) => Buffer
}

export const tcp: Carrier = {
  open: async (port) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  },
  pack: (packet) => packet,
  unpacker: () => (chunk) => chunk,
}

/** One packet in each message, as MQTT.js and libmosquitto send them. */
export const webSocket: Carrier = {
  open: async (port) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'mqtt',
    }
    const upgrade = request({ host: '127.0.0.1', port, path: '/mqtt', headers }).end()
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket]
    return socket
  },
  pack: (packet) => maskedFrame(packet),
  unpacker: () => {
    let rest: Buffer = Buffer.alloc(0)
    return (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const { payloads, used } = readFrames(bytes)
      rest = bytes.subarray(used)
      return Buffer.concat(payloads)
    }
  },
}

/** The lengths that say that the real one follows in 2 or 8 bytes, RFC 6455 §5.2. */
const followsIn2 = 126
const followsIn8 = 127
const finalBinary = 0x82
const masked = 0x80
const mask = Buffer.from([0x12, 0x34, 0x56, 0x78])

function maskedFrame(payload: Buffer): Buffer {
  const head =
    payload.length < followsIn2
      ? Buffer.from([finalBinary, masked | payload.length])
      : Buffer.from([finalBinary, masked | followsIn2, payload.length >> 8, payload.length & 0xff])
  const body = payload.map((byte, at) => byte ^ (mask[at % mask.length] ?? 0))
  return Buffer.concat([head, mask, body])
}

/** Reads the whole frames of a server. They are not masked. */
function readFrames(bytes: Buffer): { payloads: Buffer[]; used: number } {
  const payloads: Buffer[] = []
  let used = 0
  while (used + 2 <= bytes.length) {
    if (bytes[used] !== finalBinary) throw new Error('Not one binary message')
    const start = used + headLength(bytes[used + 1] ?? 0)
    if (start > bytes.length) break
    const end = start + payloadLength(bytes.subarray(used + 1, start))
    if (end > bytes.length) break
    payloads.push(bytes.subarray(start, end))
    used = end
  }
  return { payloads, used }
}

function headLength(first: number): number {
  if (first < followsIn2) return 2
  return first === followsIn2 ? 4 : 10
}

function payloadLength(field: Buffer): number {
  const [first = 0] = field
  if (first < followsIn2) return first
  return first === followsIn8 ? Number(field.readBigUInt64BE(1)) : field.readUInt16BE(1)
}
