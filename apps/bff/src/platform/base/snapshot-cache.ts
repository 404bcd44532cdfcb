/**
 * What was read, kept for as long as nobody has written: each question costs one look at what the database itself says of its
 * commits, those of other processes among them. So a right that is withdrawn is gone with the next request.
 */

export interface SnapshotCache {
  /** What `load` answered since the last commit, or answers now. Whoever gets it must not change it. */
  getOrLoad<T>(key: string, load: () => Promise<T>): Promise<T>
}

interface SnapshotCacheOptions {
  /** The same for as long as a reader would find the same. */
  snapshot: () => Promise<string>
  /** So many answers; beyond that the one read first is read again. */
  max: number
  /** What is not worth its room is read each time. */
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
      // What is read from here on is at least as new as the snapshot that it is kept under.
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
