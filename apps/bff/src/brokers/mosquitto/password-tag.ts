import { createHash } from 'node:crypto'

/** Opaque. Equal for the same stored credential. */
export type PasswordTag = string

/**
 * The tag of a stored password hash. The hash has a random salt that the tag does not contain, so the tag is of no use for
 * guessing. A new password gives a new tag.
 */
export function passwordTagOf(credential: string): PasswordTag {
  return createHash('sha256').update(`gatehouse password of dynsec\0${credential}`).digest('base64url').slice(0, 22)
}
