/** An application message on its way through the engine. */
import type { QoS } from './packets/packets.ts'

export interface Message {
  topic: string
  payload: Buffer
  qos: QoS
  retain: boolean
  /** MQTT 5 properties of the message in wire format (`Properties.forwarded`). */
  forwarded: Buffer | undefined
  /** Milliseconds since 1970; 0 means never (Message Expiry Interval). */
  expiresAt: number
  /** The user who published it. */
  user: string
  /** Where the bytes are. `borrowed`: in a buffer of others, mostly that of a socket. `block`: in a small block. `own`: in memory of their own. */
  memory: 'borrowed' | 'block' | 'own'
}

/** The fixed cost of a kept message in memory, estimated: objects, strings, list entries. */
const overheadBytes = 300

/** What a kept message weighs against the bounds. */
export function weigh({ topic, payload, forwarded }: Message): number {
  return overheadBytes + topic.length + payload.length + (forwarded?.length ?? 0)
}

/** Copies the bytes of a message that is kept for long. A slice would pin the whole buffer of the socket, 64 KiB. */
export function copyToOwn(message: Message): Message {
  if (message.memory === 'own') return message
  message.payload = copyOf(message.payload)
  message.forwarded &&= copyOf(message.forwarded)
  message.memory = 'own'
  return message
}

/** Copies the bytes of a message that waits for a client. Small ones share blocks: memory of its own costs several times the copy. */
export function copyToBlock(message: Message): Message {
  if (message.memory !== 'borrowed') return message
  message.payload = copyIntoBlock(message.payload)
  message.forwarded &&= copyIntoBlock(message.forwarded)
  message.memory = 'block'
  return message
}

/** One message that is kept pins at most so much. */
const blockBytes = 1024
let block = Buffer.allocUnsafeSlow(blockBytes)
let blockUsed = 0

function copyIntoBlock(bytes: Buffer): Buffer {
  if (bytes.length > blockBytes / 4) return copyOf(bytes)
  if (blockUsed + bytes.length > blockBytes) {
    block = Buffer.allocUnsafeSlow(blockBytes)
    blockUsed = 0
  }
  const copy = block.subarray(blockUsed, blockUsed + bytes.length)
  bytes.copy(copy)
  blockUsed += bytes.length
  return copy
}

/** Not `Buffer.from`: it cuts small buffers from a pool, and one byte that is kept pins 8 KiB of it. */
export function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

export function isExpired({ expiresAt }: { expiresAt: number }, now: number): boolean {
  return expiresAt !== 0 && expiresAt <= now
}

/** The remaining Message Expiry Interval, at least one second [MQTT-3.3.2-6]. */
export function remainingSeconds({ expiresAt }: { expiresAt: number }, now: number): number | undefined {
  return expiresAt === 0 ? undefined : Math.max(1, Math.ceil((expiresAt - now) / 1000))
}
