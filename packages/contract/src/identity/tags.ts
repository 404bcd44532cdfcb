/** Tags of users: short words that group devices, such as `hall-3` or `pilot`. They give no right. */
import * as z from 'zod/mini'

export const maxTagLength = 40
export const maxTagsPerUser = 20

/** `|`, `,` and `;` separate entries in a CSV cell. */
const tagPattern = /^[\p{L}\p{N}][\p{L}\p{N} ._:/+-]*$/u

/**
 * Returns the one spelling of a tag: NFC, lower case, without spaces at its ends, single spaces within. So `Hall  3` and
 * `hall 3` are one tag.
 */
export function normaliseTag(text: string): string {
  return text.normalize('NFC').toLowerCase().trim().replace(/\s+/gu, ' ')
}

/** Normalises before it checks. Length in characters (UTF-16 code units). */
export const Tag = z.pipe(
  z.pipe(z.string().check(z.maxLength(4 * maxTagLength, 'too_long')), z.transform(normaliseTag)),
  z
    .string()
    .check(z.minLength(1, 'required'), z.maxLength(maxTagLength, 'too_long'), z.regex(tagPattern, 'tag_characters')),
)

/** The tags of a user: each once, in the order of their code points. */
export const Tags = z.pipe(
  z.array(Tag).check(z.maxLength(maxTagsPerUser)),
  z.transform((tags: string[]) => [...new Set(tags)].toSorted()),
)
