import * as z from 'zod/mini'

/** Longer than password managers generate, and short enough that hashing stays cheap. */
export const maxPasswordLength = 1_024
export const Password = z.string().check(
  z.minLength(1, 'required'),
  z.maxLength(maxPasswordLength, 'too_long'),
  // Half a surrogate pair has no UTF-8: all of them would be hashed as the same replacement character.
  z.refine((password) => password.isWellFormed(), 'invalid'),
)
