/**
 * Caches what was read until the next commit. Each call asks the database for its commit counter, which also counts the
 * commits of other processes. A revoked right therefore has no effect from the next request on.
 */

export interface SnapshotCache {
  /**
   * Returns what `load` returned since the last commit, or calls it now. The caller must not change the value: others
   * get the same one.
   */
  getOrLoad<T>(key: string, load: () => Promise<T>): Promise<T>
}

interface SnapshotCacheOptions {
  /** A text that changes with each commit, of this process or another. */
  snapshot: () => Promise<string>
  /** Maximum number of entries. The entry that was loaded first is dropped first. */
  max: number
  /** False: load this value each time instead of caching it. */
  isWorthKeeping?: (answer: unknown) => boolean
}

export function createSnapshotCache({
  snapshot,
  max,
  isWorthKeeping = () => true,
}: SnapshotCacheOptions): SnapshotCache {
  let current: string | undefined
  let kept = new Map<string, Promise<unknown>>()

  return {
    getOrLoad: async <T>(key: string, load: () => Promise<T>) => {
      const now = await snapshot()
      if (now !== current) {
        current = now
        kept = new Map()
      }
      // What is read from here on is at least as new as the snapshot that it is cached under.
      const answers = kept
      const known = answers.get(key)
      if (known) return known as Promise<T>
      const loading = load()
      answers.set(key, loading)
      const forget = () => answers.delete(key)
      loading.then((answer) => isWorthKeeping(answer) || forget(), forget)
      const oldest = answers.keys().next()
      if (answers.size > max && !oldest.done) answers.delete(oldest.value)
      return loading
    },
  }
}
