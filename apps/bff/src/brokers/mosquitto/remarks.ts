/** What one Mosquitto cannot enforce, for the page of the broker: users, rules and CAs that are left out, each with its reason. */
import type { CompiledClient, LeftOut } from './desired-state.ts'
import type { TrustRemark } from './trust-state.ts'

/** `rule_left_out`: the user has rights there, without some permissions that would administer Mosquitto or be read as a pattern. */
export type RemarkCode = LeftOut | TrustRemark | 'rule_left_out'

export interface Remark {
  code: RemarkCode
  count: number
  /** Of users or of CAs, at most a hundred. */
  names: string[]
}

const mostNames = 100

export class Remarks {
  /** By user id. */
  readonly #users = new Map<string, { code: RemarkCode; username: string }>()
  #authorities: ReadonlyMap<TrustRemark, readonly string[]> = new Map()

  setUser(userId: string, { username, compiled }: { username: string; compiled: CompiledClient }): void {
    const code = compiled === null ? null : codeOf(compiled)
    if (code === null) this.#users.delete(userId)
    else this.#users.set(userId, { code, username })
  }

  clearUsers(): void {
    this.#users.clear()
  }

  setTrust(authorities: ReadonlyMap<TrustRemark, readonly string[]>): void {
    this.#authorities = authorities
  }

  list(): Remark[] {
    const byCode = new Map<RemarkCode, string[]>()
    for (const { code, username } of this.#users.values()) {
      const names = byCode.get(code) ?? []
      names.push(username)
      byCode.set(code, names)
    }
    return [...this.#authorities, ...byCode]
      .filter(([, names]) => names.length > 0)
      .map(([code, names]) => ({ code, count: names.length, names: inOrder(names).slice(0, mostNames) }))
  }
}

function inOrder(names: readonly string[]): string[] {
  return names.toSorted((a, b) => (a < b ? -1 : 1))
}

function codeOf(compiled: NonNullable<CompiledClient>): RemarkCode | null {
  if ('leftOut' in compiled) return compiled.leftOut
  return compiled.ruledOut.length > 0 ? 'rule_left_out' : null
}
