/** Reads the fields of one packet in order, and never beyond its end. */
import { PacketError } from './packet-error.ts'
import { reasonCodes } from './reason-codes.ts'
import { decodeText } from './text.ts'

export class ByteReader {
  readonly bytes: Buffer
  position: number
  #end: number

  constructor(bytes: Buffer, start = 0) {
    this.bytes = bytes
    this.position = start
    this.#end = bytes.length
  }

  get left(): number {
    return this.#end - this.position
  }

  byte(): number {
    return this.bytes[this.#take(1)]!
  }

  uint16(): number {
    return this.bytes.readUInt16BE(this.#take(2))
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.#take(4))
  }

  /** A variable byte integer (§1.5.5): one to four bytes, in the shortest form [MQTT-1.5.5-1]. */
  variableInteger(): number {
    let value = 0
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) throw malformed('a variable byte integer is longer than needed')
        return value
      }
    }
    throw malformed('a variable byte integer has more than four bytes')
  }

  text(): string {
    const length = this.uint16()
    const start = this.#take(length)
    return decodeText(this.bytes, start, start + length)
  }

  /** Binary data. The result shares the memory of the packet: copy what is kept. */
  binary(): Buffer {
    const length = this.uint16()
    const start = this.#take(length)
    return this.bytes.subarray(start, start + length)
  }

  /** Everything up to the end of the packet, sharing its memory. */
  rest(): Buffer {
    return this.bytes.subarray(this.#take(this.left), this.#end)
  }

  /** Packet identifiers are not zero [MQTT-2.2.1-3]. */
  packetId(): number {
    const id = this.uint16()
    if (id === 0) throw new PacketError(reasonCodes.protocolError, 'the packet identifier is 0')
    return id
  }

  expectEnd(): void {
    if (this.left > 0) throw malformed('bytes follow the last field')
  }

  #take(length: number): number {
    const start = this.position
    if (start + length > this.#end) throw malformed('a field is longer than the packet')
    this.position = start + length
    return start
  }
}

export function malformed(message: string): PacketError {
  return new PacketError(reasonCodes.malformedPacket, message)
}
