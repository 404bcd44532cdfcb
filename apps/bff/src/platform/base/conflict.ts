import { isUniqueViolation } from './database-errors.ts'
import { Problem } from './problem.ts'

/**
 * Throws `changed_meanwhile` if the caller has not seen the current version. Null: the caller named no version, as
 * scripts may.
 */
export function requireVersion(seen: readonly number[] | null, current: number): void {
  if (seen !== null && !seen.includes(current)) throw new Problem('changed_meanwhile', { facts: { version: current } })
}

/**
 * Translates a unique violation into our problem. The constraint decides; a check before the insert would race. The
 * transaction cannot be used afterwards: PostgreSQL aborts it.
 */
export async function orTaken<T>(writing: Promise<T>, taken: () => Problem): Promise<T> {
  try {
    return await writing
  } catch (error) {
    throw isUniqueViolation(error) ? taken() : error
  }
}
