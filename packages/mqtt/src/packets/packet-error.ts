/** A packet that the server does not accept. The connection ends with this reason code (MQTT 5) or without a word (MQTT 3.1.1). */
export class PacketError extends Error {
  /** A reason code of MQTT 5, §2.4. */
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'PacketError'
    this.code = code
  }
}
