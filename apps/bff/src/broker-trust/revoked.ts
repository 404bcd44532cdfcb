/** What is revoked, as the broker goes by it: read from the database in slices; what was read of a list is kept as long as the list is. */
import { openRevocationList } from '@gatehouse/pki/revocation-list'
import {
  type HeldList,
  makeRevocations,
  type RevocationSources,
  type Revocations,
  SerialNumberSet,
  type SerialNumbers,
} from '@gatehouse/pki/revocations'
import { makeBreather } from '@gatehouse/pki/slices'
import type { RevocationChange } from '../broker/port.ts'
import type { RevocationStore, RevokedNumber } from './store.ts'

interface KnownList extends HeldList {
  fingerprint: string
  scope: string
}

type KnownSources = Omit<RevocationSources, 'lists'> & { lists: readonly KnownList[] }

/** Whatever cannot be read must not let anybody in. Nothing like it is ever stored; a damaged disk may make it. */
const everything: SerialNumbers = { size: 0, has: () => true }

export class Revoked {
  readonly #store: RevocationStore
  #sources: KnownSources = { revoked: new Map(), lists: [], whenExpired: 'refuse' }

  constructor(store: RevocationStore) {
    this.#store = store
  }

  async read(): Promise<Revocations> {
    const known = new Map(this.#sources.lists.map((list) => [list.fingerprint, list.revoked]))
    const lists: KnownList[] = []
    for (const { nextUpdate, ...list } of await this.#store.listRevocationLists()) {
      const revoked = known.get(list.fingerprint) ?? (await this.#readList(list.fingerprint))
      // Another one has taken its place meanwhile: with neither of the two, the wrong ones would get in.
      if (revoked === null) return this.read()
      lists.push({ ...list, nextUpdate: nextUpdate === null ? null : new Date(nextUpdate), revoked })
    }
    this.#sources = { revoked: await this.#readNumbers(), lists, whenExpired: await this.#store.whenExpired() }
    return makeRevocations(this.#sources)
  }

  /** What it would be like after this change. */
  async imagine(change: RevocationChange): Promise<Revocations> {
    const { revoked, lists, whenExpired } = this.#sources
    if ('revoke' in change) return makeRevocations({ revoked: withNumber(revoked, change.revoke), lists, whenExpired })
    const { issuerKey, scope, der } = change.list
    const { nextUpdate, revoked: listed } = await openRevocationList(der)
    const others = lists.filter((list) => list.issuerKey !== issuerKey || list.scope !== scope)
    return makeRevocations({ revoked, lists: [...others, { issuerKey, nextUpdate, revoked: listed }], whenExpired })
  }

  async #readNumbers(): Promise<Map<string, SerialNumbers>> {
    const breathe = makeBreather()
    const byKey = new Map<string, SerialNumberSet>()
    let last: RevokedNumber | undefined = { issuerKey: '', serialNumber: '' }
    while (last) {
      const some = await this.#store.listRevoked(last)
      for (const { issuerKey, serialNumber } of some) {
        const numbers = byKey.get(issuerKey) ?? new SerialNumberSet()
        numbers.add(Buffer.from(serialNumber, 'hex'))
        byKey.set(issuerKey, numbers)
      }
      last = some.at(-1)
      await breathe()
    }
    return byKey
  }

  async #readList(fingerprint: string): Promise<SerialNumbers | null> {
    const der = await this.#store.readRevocationList(fingerprint)
    if (der === null) return null
    try {
      return (await openRevocationList(der)).revoked
    } catch {
      return everything
    }
  }
}

function withNumber(
  revoked: ReadonlyMap<string, SerialNumbers>,
  { issuerKey, serialNumber }: RevokedNumber,
): Map<string, SerialNumbers> {
  const before = revoked.get(issuerKey)
  const added = new SerialNumberSet()
  added.add(Buffer.from(serialNumber, 'hex'))
  const both = {
    size: (before?.size ?? 0) + 1,
    has: (number: Uint8Array) => added.has(number) || !!before?.has(number),
  }
  return new Map([...revoked, [issuerKey, both]])
}
