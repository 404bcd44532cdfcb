import { isUniqueViolation } from './database-errors.ts'
import { Problem } from './problem.ts'

/** Throws `changed_meanwhile` when the caller has seen other versions than the one there is. Null: scripts may leave it out. */
export function requireVersion(seen: readonly number[] | null, current: number): void {
  if (seen !== null && !seen.includes(current)) throw new Problem('changed_meanwhile', { facts: { version: current } })
}

/**
 * Turns the database's word that something is taken into ours: the constraint decides, not a look beforehand. The transaction
 * is over then: PostgreSQL does nothing more in it.
 */
export async function orTaken<T>(writing: Promise<T>, taken: () => Problem): Promise<T> {
  try {
    return await writing
  } catch (error) {
    throw isUniqueViolation(error) ? taken() : error
  }
}
