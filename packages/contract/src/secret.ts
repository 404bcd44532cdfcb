/** Marks the fields of answers that let somebody in: tokens, backup codes, the secret of a second factor. */
import * as z from 'zod/mini'

/** Read by the test that keeps compression away from these fields. */
export const secrets = z.registry<{ isSecret: true }>()

/** A text that nobody else may see. */
export function secret() {
  return z.string().register(secrets, { isSecret: true })
}
