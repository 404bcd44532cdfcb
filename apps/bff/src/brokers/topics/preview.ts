/** The text that a live view shows of a payload. */
import { previewLength } from '@gatehouse/contract/brokers/topics'

/** A character of UTF-8 has at most four bytes. */
export const previewBytes = previewLength * 4
/** Control characters that are no white space: the payload is not meant to be read. */
const unreadable = /[^\P{Cc}\t\n\r]/u

/**
 * The beginning of a payload as text; null if it is not text.
 * @param bytes at least the first `previewBytes` of the payload, if it has so many.
 */
export function previewOf(bytes: Buffer, wholeLength: number): string | null {
  const quick = bytes.toString('utf8')
  const text = quick.includes('\ufffd') ? decodeStrictly(bytes, wholeLength) : quick
  if (text === null || unreadable.test(text)) return null
  // Not in the middle of a pair of surrogates.
  return text.slice(0, previewLength).replace(/[\ud800-\udbff]$/, '')
}

function decodeStrictly(bytes: Buffer, wholeLength: number): string | null {
  try {
    // The last character may be cut.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: bytes.length < wholeLength,
    })
  } catch {
    return null
  }
}
