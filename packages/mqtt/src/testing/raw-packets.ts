/** Packets made byte by byte, for tests: also those that no library would make. */

export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
export const uint32 = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])

/** A length-prefixed string or byte string. */
export function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([uint16(bytes.length), bytes])
}

export function variableInteger(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  do {
    bytes.push(left > 127 ? (left & 127) | 128 : left)
    left >>>= 7
  } while (left > 0)
  return Buffer.from(bytes)
}

/** A whole packet: first byte, length, and what follows. */
export function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first]), variableInteger(body.length), body])
}

/** A property section: its length and the given properties. */
export function properties(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([variableInteger(body.length), body])
}

export const property = {
  byte: (id: number, value: number): Buffer => Buffer.from([id, value]),
  uint16: (id: number, value: number): Buffer => Buffer.concat([Buffer.from([id]), uint16(value)]),
  uint32: (id: number, value: number): Buffer => Buffer.concat([Buffer.from([id]), uint32(value)]),
  integer: (id: number, value: number): Buffer => Buffer.concat([Buffer.from([id]), variableInteger(value)]),
  text: (id: number, value: string | Buffer): Buffer => Buffer.concat([Buffer.from([id]), text(value)]),
  user: (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0x26]), text(name), text(value)]),
}

export interface ConnectOptions {
  version?: number
  name?: string
  clientId?: string
  clean?: boolean
  keepAlive?: number
  username?: string
  password?: string | Buffer
  will?: { topic: string; payload?: string | Buffer; qos?: number; retain?: boolean; properties?: Buffer[] }
  properties?: Buffer[]
  /** Replaces the computed connect flags. */
  flags?: number
  /** Bytes after the last field. */
  trailing?: Buffer
}

export function connect(options: ConnectOptions = {}): Buffer {
  const { version = 4, name = 'MQTT', clientId = '', keepAlive = 60, will, username, password } = options
  const isFive = version === 5
  const flags =
    ((options.clean ?? true) ? 2 : 0) |
    (will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0) : 0) |
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40)
  return packet(
    0x10,
    text(name),
    Buffer.from([version, options.flags ?? flags]),
    uint16(keepAlive),
    ...(isFive ? [properties(...(options.properties ?? []))] : []),
    text(clientId),
    ...(will && isFive ? [properties(...(will.properties ?? []))] : []),
    ...(will ? [text(will.topic), text(will.payload ?? 'will')] : []),
    ...(username === undefined ? [] : [text(username)]),
    ...(password === undefined ? [] : [text(password)]),
    options.trailing ?? Buffer.alloc(0),
  )
}

export interface PublishOptions {
  version?: number
  topic: string | Buffer
  payload?: string | Buffer
  qos?: number
  retain?: boolean
  dup?: boolean
  id?: number
  properties?: Buffer[]
}

export function publish({
  version = 4,
  topic,
  payload = 'x',
  qos = 0,
  retain,
  dup,
  id = 1,
  ...rest
}: PublishOptions): Buffer {
  return packet(
    0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
    text(topic),
    ...(qos > 0 ? [uint16(id)] : []),
    ...(version === 5 ? [properties(...(rest.properties ?? []))] : []),
    Buffer.from(payload as string),
  )
}

/** Filters with their options byte: `[['a/#', 1]]`. In MQTT 5 the options are more than the QoS (§3.8.3.1). */
export function subscribe(
  filters: [filter: string, options: number][],
  { version = 4, id = 10, properties: given = [] }: { version?: number; id?: number; properties?: Buffer[] } = {},
): Buffer {
  return packet(
    0x82,
    uint16(id),
    ...(version === 5 ? [properties(...given)] : []),
    ...filters.map(([filter, options]) => Buffer.concat([text(filter), Buffer.from([options])])),
  )
}

export function unsubscribe(
  filters: string[],
  { version = 4, id = 11 }: { version?: number; id?: number } = {},
): Buffer {
  return packet(0xa2, uint16(id), ...(version === 5 ? [properties()] : []), ...filters.map((filter) => text(filter)))
}

export const puback = (id: number): Buffer => packet(0x40, uint16(id))
export const pubrec = (id: number): Buffer => packet(0x50, uint16(id))
export const pubrel = (id: number): Buffer => packet(0x62, uint16(id))
export const pubcomp = (id: number): Buffer => packet(0x70, uint16(id))
export const pingreq = Buffer.from([0xc0, 0])

export function disconnect(reasonCode?: number, ...given: Buffer[]): Buffer {
  if (reasonCode === undefined) return packet(0xe0)
  return packet(0xe0, Buffer.from([reasonCode]), ...(given.length > 0 ? [properties(...given)] : []))
}
