/** What the broker's thread reads about a name that no user has. */
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'

export interface NameFacts {
  /** A user of this name was deleted, or the name was denied. */
  isDenied: boolean
  /** A user has the name in another spelling. One with this spelling may have been created since the device was judged. */
  isTaken: boolean
}

export interface NameReader {
  findNameFacts(username: string): Promise<NameFacts>
}

export function prepareNames(reader: PreparedReader): NameReader {
  const byName = reader.prepare<{ denied: number | string; taken: number | string }>(
    () => `select (select count(*) from denied_devices where username_folded = ?) as denied,
      (select count(*) from users where username_folded = ? and username <> ?) as taken`,
  )
  return {
    findNameFacts: async (username) => {
      const folded = username.toLowerCase()
      const [row] = await byName(folded, folded, username)
      return { isDenied: Number(row?.denied ?? 0) > 0, isTaken: Number(row?.taken ?? 0) > 0 }
    },
  }
}
