/**
 * Caches what was read until the next commit. Each call asks the database for its commit counter, which also counts the
 * commits of other processes. A revoked right therefore counts no longer from the next request on.
 */
import { LRUCache } from 'lru-cache'

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
  /** Maximum number of entries. The least recently used one is dropped first. */
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
  const cached = new LRUCache<string, Promise<unknown>>({ max })

  return {
    getOrLoad: async <T>(key: string, load: () => Promise<T>) => {
      const now = await snapshot()
      if (now !== current) {
        current = now
        cached.clear()
      }
      const known = cached.get(key)
      if (known) return known as Promise<T>
      // What is read from here on is at least as new as the snapshot that it is cached under.
      const loading = load()
      cached.set(key, loading)
      // After a commit the entry may belong to a newer load.
      const forget = () => void (cached.peek(key) === loading && cached.delete(key))
      loading.then((answer) => isWorthKeeping(answer) || forget(), forget)
      return loading
    },
  }
}
