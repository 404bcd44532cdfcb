/** UTF-8 strings of MQTT (§1.5.4), topic names and topic filters (§4.7). */
import { PacketError } from './packet-error.ts'
import { reasonCodes } from './reason-codes.ts'

/** `ignoreBOM` keeps U+FEFF in the text [MQTT-1.5.4-3]. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * U+0000 is forbidden [MQTT-1.5.4-2]. Of the other control characters and noncharacters the specification says that a receiver
 * may treat them as malformed. libmosquitto does, and reconnects for ever when a broker forwards one. So we refuse them too.
 */
const forbidden = /[\p{Cc}\p{Noncharacter_Code_Point}]/u

/**
 * Decodes a string of a packet.
 * @throws PacketError 0x81 for ill-formed UTF-8 [MQTT-1.5.4-1], control characters and noncharacters.
 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  if (isPlainAscii(bytes, start, end)) return bytes.toString('latin1', start, end)
  let text: string
  try {
    text = decoder.decode(bytes.subarray(start, end))
  } catch {
    throw new PacketError(reasonCodes.malformedPacket, 'a string is not well-formed UTF-8')
  }
  if (forbidden.test(text)) {
    throw new PacketError(reasonCodes.malformedPacket, 'a string contains a control character or a noncharacter')
  }
  return text
}

function isPlainAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 0x20 || byte > 0x7e) return false
  }
  return true
}

/** Is this a topic that a PUBLISH may name? At least one character and no wildcard [MQTT-3.3.2-2], [MQTT-4.7.3-1]. */
export function isTopicName(topic: string): boolean {
  return topic !== '' && !topic.includes('+') && !topic.includes('#')
}

/** Is this a valid topic filter? `+` fills a whole level, `#` fills the last one [MQTT-4.7.1-1], [MQTT-4.7.1-2]. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '') return false
  const hash = filter.indexOf('#')
  if (hash !== -1 && (hash !== filter.length - 1 || (hash > 0 && filter[hash - 1] !== '/'))) return false
  for (let at = filter.indexOf('+'); at !== -1; at = filter.indexOf('+', at + 1)) {
    const isAlone = (at === 0 || filter[at - 1] === '/') && (at === filter.length - 1 || filter[at + 1] === '/')
    if (!isAlone) return false
  }
  return true
}

/** A filter, and the name of the group if it is a shared subscription. */
export interface ParsedFilter {
  filter: string
  group: string | undefined
}

/**
 * Splits `$share/<group>/<filter>` (§4.8.2).
 * @returns undefined if the filter or the group is not valid.
 */
export function parseFilter(text: string): ParsedFilter | undefined {
  if (!text.startsWith('$share/')) return isTopicFilter(text) ? { filter: text, group: undefined } : undefined
  const end = text.indexOf('/', 7)
  if (end === -1) return undefined
  const group = text.slice(7, end)
  const filter = text.slice(end + 1)
  return isTopicName(group) && isTopicFilter(filter) ? { filter, group } : undefined
}

/** The number of levels of a topic or filter, counted without splitting it. */
export function countLevels(topic: string): number {
  let levels = 1
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) levels++
  return levels
}
