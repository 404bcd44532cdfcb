/** Searches for persons by their ids, before they count as absent. */
import { AndFilter, EqualityFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'
import type { Directory } from './directory.ts'
import { binaryAttributes, bytesOfGuid, type IdAttribute, subjectOf } from './entry.ts'
import { personFilter } from './people.ts'

/**
 * Returns the subjects that are the id of no entry. A listing in pages does not prove it: an entry that is moved meanwhile may be on no
 * page, and the library takes an empty page for the last one. Rejects with `DirectoryFault`.
 *
 * @param subjects A few: they become one filter.
 */
export async function findAbsent(directory: Directory, subjects: readonly string[]): Promise<Set<string>> {
  const { settings } = directory
  return directory.asService(async ({ search, id }) => {
    const anyOf = new OrFilter({ filters: subjects.map((subject) => idFilter(id, subject)) })
    const isPerson = personFilter(settings, new PresenceFilter({ attribute: settings.usernameAttribute }))
    const filter = new AndFilter({ filters: [anyOf, isPerson] })
    const attributes = [id]
    const base = settings.searchBase
    const found = await search({ base, scope: 'sub', filter, attributes, binary: binaryAttributes, limit: null })
    const present = new Set(found.map((entry) => subjectOf(entry, id)))
    return new Set(subjects.filter((subject) => !present.has(subject)))
  })
}

function idFilter(id: IdAttribute, subject: string): Filter {
  return new EqualityFilter({ attribute: id, value: id === 'objectGUID' ? bytesOfGuid(subject) : subject })
}
