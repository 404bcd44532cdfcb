/** Lists the persons of a directory for a sweep: those who are known here, with their groups. */
import { PresenceFilter } from 'ldapts'
import { LRUCache } from 'lru-cache'
import type { Directory, Searching } from './directory.ts'
import { binaryAttributes, type Person, personAttributes, readPerson } from './entry.ts'
import { DirectoryFault } from './faults.ts'
import { type FoundPerson, personFilter, requireState, withGroups } from './people.ts'

const pageSize = 200
/** Requests that wait for an answer at the same time. */
const atOnce = 32
/** Groups whose groups are remembered during one listing. */
const mostKnown = 10_000

export interface Listing<K> {
  now: Date
  /** The listing is ended after this time: a directory that sends pages without end must not keep others waiting. */
  withinMs: number
  /** What is known here of these ids. Persons of whom nothing is known are left out. */
  known(subjects: readonly string[]): Promise<ReadonlyMap<string, K>>
  /** Receives the known persons, a few at a time. */
  take(people: Listed<K>[]): Promise<void>
}

export interface Listed<K> {
  found: FoundPerson
  known: K
}

/**
 * Resolves with the number of persons there when the list is complete. Rejects with `DirectoryFault` if it is not: who was not
 * listed may still be there then.
 */
export function listPeople<K>(directory: Directory, listing: Listing<K>): Promise<number> {
  return directory.asServiceApart(async (searching) => {
    const shared = { ...searching, known: new LRUCache<string, Promise<string[] | null>>({ max: mostKnown }) }
    const endsAt = performance.now() + listing.withinMs
    let people = 0
    for await (const page of pagesOf(directory, searching, listing.now)) {
      if (performance.now() > endsAt) throw new DirectoryFault('timed_out')
      people += page.length
      const known = await listing.known(page.map(({ subject }) => subject))
      const wanted = page.flatMap((person) => {
        const each = known.get(person.subject)
        return each === undefined ? [] : [{ person, known: each }]
      })
      for (let at = 0; at < wanted.length; at += atOnce) {
        const slice = wanted.slice(at, at + atOnce)
        for (const { person } of slice) requireState(searching, person)
        const found = slice.map(async ({ person, known: each }) => ({
          found: await withGroups(shared, directory.settings, person),
          known: each,
        }))
        await listing.take(await Promise.all(found))
      }
    }
    return people
  })
}

async function* pagesOf({ settings }: Directory, { pages, id }: Searching, now: Date): AsyncGenerator<Person[]> {
  const { searchBase: base, usernameAttribute: attribute } = settings
  const filter = personFilter(settings, new PresenceFilter({ attribute }))
  const attributes = personAttributes(settings, id)
  for await (const entries of pages({
    base,
    scope: 'sub',
    filter,
    attributes,
    binary: binaryAttributes,
    limit: pageSize,
  })) {
    yield entries.flatMap((entry) => {
      try {
        return [readPerson(entry, { settings, id, now })]
      } catch (error) {
        // Not a person whom anybody could be here.
        if (error instanceof DirectoryFault) return []
        throw error
      }
    })
  }
}
