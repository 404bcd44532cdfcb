/** Lists the persons of a directory for a sweep: those who are known here, with their groups. */
import { PresenceFilter } from 'ldapts'
import type { Directory, Searching } from './directory.ts'
import { binaryAttributes, type Person, personAttributes, readPerson } from './entry.ts'
import { DirectoryFault } from './faults.ts'
import { type FoundPerson, personFilter, withGroups } from './people.ts'

const pageSize = 200
/** Requests that wait for an answer at the same time. */
const atOnce = 32

interface Listing {
  now: Date
  /** Those of these ids that are known here. */
  known(subjects: readonly string[]): Promise<ReadonlySet<string>>
  /** Receives the known persons of a page. */
  take(people: FoundPerson[]): Promise<void>
}

/**
 * Resolves with the number of persons there when the list is complete. Rejects with `DirectoryFault` if it is not: who was not
 * listed may still be there then.
 */
export function listPeople(directory: Directory, listing: Listing): Promise<number> {
  return directory.asServiceApart(async (searching) => {
    const shared = { ...searching, known: new Map<string, Promise<string[] | null>>() }
    let people = 0
    for await (const page of pagesOf(directory, searching, listing.now)) {
      people += page.length
      const known = await listing.known(page.map(({ subject }) => subject))
      const wanted = page.filter(({ subject }) => known.has(subject))
      for (let at = 0; at < wanted.length; at += atOnce) {
        const slice = wanted.slice(at, at + atOnce)
        await listing.take(await Promise.all(slice.map((person) => withGroups(shared, directory.settings, person))))
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
