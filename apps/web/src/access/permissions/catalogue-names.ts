/**
 * What the catalogue calls permissions of the API. The names of areas and of single routes are texts of the contract, which the
 * build translates; see `apps/web/vite/contract-texts.ts`.
 */
import { catalogue } from '@gatehouse/contract/access/catalogue'
import type { Operation, Permission } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { formatList } from '../../messages/format.ts'

interface Named {
  /** The name of the area. */
  group: string
  entries: readonly { name: string; operation: Operation }[]
}

const everythingPath = '/#'

/** By path. Reading and changing are two entries of one path. */
const named: ReadonlyMap<string, Named> = new Map(
  catalogue.groups.flatMap(({ name, entries }) => {
    const group = entries.some(({ resource }) => resource === everythingPath) ? t`Everything` : name
    return [...Map.groupBy(entries, ({ resource }) => resource)].map(([path, alike]): [string, Named] => [
      path,
      { group, entries: alike },
    ])
  }),
)

/** The paths of the catalogue by area, each with its name. */
export function namedPaths(): { group: string; paths: { path: string; name: string }[] }[] {
  const byGroup = Map.groupBy(named, ([, { group }]) => group)
  return [...byGroup].map(([group, members]) => ({
    group,
    paths: members.map(([path, { entries }]) => ({
      path,
      name: isArea(path) ? t`${group}: all` : formatList(entries.map(({ name }) => name)),
    })),
  }))
}

/** The only operation that the catalogue has for this path, if it is one. */
export function onlyOperationOf(path: string): Operation | undefined {
  const [only, other] = named.get(path)?.entries ?? []
  return other ? undefined : only?.operation
}

/** Such as "Users: read and change"; undefined if the catalogue does not contain the permission as a whole. */
export function catalogueName({ context, resource, operation }: Permission): string | undefined {
  const found = context === 'http' ? named.get(resource) : undefined
  if (!found) return undefined
  const { group, entries } = found
  const wanted = operation === 'readWrite' ? entries : entries.filter((entry) => entry.operation === operation)
  if (wanted.length === 0 || (operation === 'readWrite' && wanted.length < 2)) return undefined
  return isArea(resource) ? areaWords[operation](group) : formatList(wanted.map(({ name }) => name))
}

function isArea(path: string): boolean {
  return path.endsWith('#')
}

const areaWords: Record<Operation, (area: string) => string> = {
  read: (area) => t`${area}: read`,
  write: (area) => t`${area}: change`,
  readWrite: (area) => t`${area}: read and change`,
}
