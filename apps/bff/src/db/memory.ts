/**
 * What was read, kept for as long as nobody has written: each question costs one look at the database's own count of
 * commits, which other processes raise as well. So a right that is withdrawn is gone with the next request.
 */

export interface Memory {
  /** What `load` answered since the last commit, or answers now. Whoever gets it must not change it. */
  recall<T>(key: string, load: () => Promise<T>): Promise<T>
}

/** Everyone who is at the console at once; beyond that the oldest is read again. */
const keptAnswers = 1_000

/** `version`: another number after each commit. */
export function makeMemory(version: () => Promise<number>): Memory {
  let current = Number.NaN
  let kept = new Map<string, Promise<unknown>>()

  return {
    recall: async <T>(key: string, load: () => Promise<T>) => {
      const now = await version()
      if (now !== current) {
        current = now
        kept = new Map()
      }
      // What is read from here on is at least as new as the number that it is kept under.
      const answers = kept
      const known = answers.get(key)
      if (known) return known as Promise<T>
      const loading = load()
      answers.set(key, loading)
      loading.catch(() => answers.delete(key))
      const oldest = answers.keys().next()
      if (answers.size > keptAnswers && !oldest.done) answers.delete(oldest.value)
      return loading
    },
  }
}
