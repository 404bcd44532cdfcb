/** Names for imported roles: from the users who share one, from its topics, or from the name that it had. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { RoleName } from '@gatehouse/contract/access/roles'

const maxLength = 64

/** A name that no role of the draft has, in whatever case. */
export class RoleNames {
  readonly #taken = new Set<string>()

  /** `wanted` with characters that a name may have. A number is added if the name is taken. */
  take(wanted: string): string {
    const name = asName(wanted)
    for (let n = 1; ; n++) {
      const ending = n === 1 ? '' : ` ${n}`
      const free = name.slice(0, maxLength - ending.length).trimEnd() + ending
      if (this.#taken.has(free.toLowerCase())) continue
      this.#taken.add(free.toLowerCase())
      return free
    }
  }
}

function asName(wanted: string): string {
  const name = wanted
    .replaceAll(/[^A-Za-z0-9._ -]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[^A-Za-z0-9]+$/, '')
    .slice(0, maxLength)
  return RoleName.safeParse(name).success ? name : `mosquitto ${name}`.trim().slice(0, maxLength)
}

/** The common beginning of the usernames (`press-01`, `press-02`: `press`), or else of the topics. */
export function describeShared(usernames: readonly string[], permissions: readonly Permission[]): string {
  const byName = commonBeginning(usernames).replace(/[^A-Za-z]+$/, '')
  if (byName.length >= 3) return byName
  const byTopic = commonBeginning(permissions.map(({ resource }) => resource)).replace(/[/+#]+$/, '')
  return byTopic.length >= 3 ? byTopic : 'mosquitto users'
}

function commonBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = texts
  let length = first.length
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length)
}
