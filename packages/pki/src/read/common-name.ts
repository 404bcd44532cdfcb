// Rule: a certificate names one user, in characters that people can see and distinguish. Any other certificate names no
// user.
import { readFields } from './certificate-fields.ts'
import { type Element, tags } from './der.ts'
import { readName, readText } from './distinguished-name.ts'

/** Why a subject names no user. */
export type CommonNameProblem =
  | 'no_common_name'
  | 'several_common_names'
  | 'common_name_encoding'
  | 'common_name_characters'
  | 'common_name_length'

export type CommonNameResult = { ok: true; commonName: string } | { ok: false; reason: CommonNameProblem }

// RFC 5280 Appendix A, ub-common-name: 64 characters.
const maxCharacters = 64

// Control, format (with bidi), unassigned and private characters, all separators and spaces, characters without a
// glyph, and MQTT's own characters: a Common Name of `#` was CVE-2017-7650.
const refused = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}#+/]/u

/**
 * Returns the single Common Name of a certificate's subject, or why there is none. The only reader of a username in a
 * certificate; whether it is a valid username is decided elsewhere. `der` that is not a certificate gives
 * `no_common_name`. Never throws.
 */
export function readCommonName(der: Uint8Array): CommonNameResult {
  const values = readValues(der)
  const [value] = values
  if (value === undefined) return refuse('no_common_name')
  if (values.length > 1) return refuse('several_common_names')
  const text = readCharacters(value)
  if (text === null || text !== text.normalize('NFC')) return refuse('common_name_encoding')
  const { length } = Array.from(text)
  if (length === 0 || length > maxCharacters) return refuse('common_name_length')
  return refused.test(text) ? refuse('common_name_characters') : { ok: true, commonName: text }
}

const asciiOnlyTags: readonly number[] = [tags.ia5String, tags.teletexString, tags.bmpString, tags.universalString]

/**
 * Returns null for characters that two readers could decode differently. PrintableString may hold any ASCII, because
 * many libraries write `_` and `@` into it against X.680. The older string types are limited to printable ASCII, which
 * all readers decode alike.
 */
function readCharacters(value: Element): string | null {
  if (value.tag === tags.utf8String || value.tag === tags.printableString) return readText(value)
  const text = asciiOnlyTags.includes(value.tag) ? readText(value) : null
  return text !== null && /^[ -~]*$/.test(text) ? text : null
}

function refuse(reason: CommonNameProblem): CommonNameResult {
  return { ok: false, reason }
}

function readValues(der: Uint8Array) {
  try {
    return readName(readFields(der).subject)
      .flat()
      .filter(({ type }) => type === '2.5.4.3')
      .map(({ value }) => value)
  } catch {
    return [] // not a certificate
  }
}
