/** Marks fields of answers that give access: tokens, backup codes, the secret of a second factor. */
import * as z from 'zod/mini'

/** A test reads it to forbid compression of answers with these fields. */
export const secrets = z.registry<{ isSecret: true }>()

/** Returns the schema of a secret text. */
export function secret() {
  return z.string().register(secrets, { isSecret: true })
}
