/** Reads what is revoked from the database, in slices. A CRL that was parsed is kept as long as it is installed. */
import {
  type InstalledCrl,
  makeRevocations,
  type RevocationSources,
  type Revocations,
  SerialNumberSet,
  type SerialNumbers,
} from '@gatehouse/pki/judge/revocations'
import { type ParsedCertificate, parseCertificateOrNull } from '@gatehouse/pki/read/parsed-certificate'
import { openRevocationList } from '@gatehouse/pki/read/revocation-list'
import { serialNumberBytes } from '@gatehouse/pki/read/serial-number'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { RevocationChange } from './changes.ts'
import type { RevocationStore, RevokedNumber } from './revocation-store.ts'

interface KnownList extends InstalledCrl {
  fingerprint: string
  scope: string
}

type KnownSources = Omit<RevocationSources, 'lists'> & { lists: readonly KnownList[] }

/** For a CRL that cannot be parsed: a damaged disk must not admit a revoked certificate. */
const everything: SerialNumbers = { size: 0, has: () => true }

export class RevocationLoader {
  readonly #store: RevocationStore
  #sources: KnownSources = { revoked: new Map(), lists: [], whenExpired: 'refuse' }

  constructor(store: RevocationStore) {
    this.#store = store
  }

  async read(): Promise<Revocations> {
    const known = new Map(this.#sources.lists.map((list) => [list.fingerprint, list]))
    const lists: KnownList[] = []
    for (const { nextUpdate, ...list } of await this.#store.listRevocationLists()) {
      const read = known.get(list.fingerprint) ?? (await this.#readList(list.fingerprint))
      // Another CRL has replaced it meanwhile. Without either of them revoked certificates would be admitted.
      if (read === null) return this.read()
      const { issuerName, revoked, signer } = read
      const end = nextUpdate === null ? null : new Date(nextUpdate)
      lists.push({ ...list, nextUpdate: end, issuerName, revoked, signer })
    }
    this.#sources = { revoked: await this.#readNumbers(), lists, whenExpired: await this.#store.whenExpired() }
    return makeRevocations(this.#sources)
  }

  /** What would be revoked after this change. */
  async withChange(change: RevocationChange): Promise<Revocations> {
    const { revoked, lists, whenExpired } = this.#sources
    if ('revoke' in change) return makeRevocations({ revoked: withNumber(revoked, change.revoke), lists, whenExpired })
    const { issuerKey, scope, der, signer } = change.list
    const { issuerName, nextUpdate, revoked: listed } = await openRevocationList(der)
    const others = lists.filter((list) => list.issuerKey !== issuerKey || list.scope !== scope)
    const added = { issuerKey, issuerName, nextUpdate, revoked: listed, signer: readSigner(signer) }
    return makeRevocations({ revoked, lists: [...others, added], whenExpired })
  }

  async #readNumbers(): Promise<Map<string, SerialNumbers>> {
    const yieldIfDue = createYielder()
    const byKey = new Map<string, SerialNumberSet>()
    let last: RevokedNumber | undefined = { issuerKey: '', serialNumber: '' }
    while (last) {
      const some = await this.#store.listRevoked(last)
      for (const { issuerKey, serialNumber } of some) {
        const numbers = byKey.get(issuerKey) ?? new SerialNumberSet()
        numbers.add(serialNumberBytes(serialNumber))
        byKey.set(issuerKey, numbers)
      }
      last = some.at(-1)
      await yieldIfDue()
    }
    return byKey
  }

  async #readList(fingerprint: string): Promise<Pick<InstalledCrl, 'issuerName' | 'revoked' | 'signer'> | null> {
    const stored = await this.#store.readRevocationList(fingerprint)
    if (stored === null) return null
    try {
      const { issuerName, revoked } = await openRevocationList(stored.der)
      return { issuerName, revoked, signer: readSigner(stored.signer) }
    } catch {
      return { issuerName: '', revoked: everything, signer: null }
    }
  }
}

function readSigner(der: Uint8Array | null): ParsedCertificate | null {
  return der === null ? null : parseCertificateOrNull(der)
}

function withNumber(
  revoked: ReadonlyMap<string, SerialNumbers>,
  { issuerKey, serialNumber }: RevokedNumber,
): Map<string, SerialNumbers> {
  const before = revoked.get(issuerKey)
  const added = new SerialNumberSet()
  added.add(serialNumberBytes(serialNumber))
  const both = {
    size: (before?.size ?? 0) + 1,
    has: (number: Uint8Array) => added.has(number) || !!before?.has(number),
  }
  return new Map([...revoked, [issuerKey, both]])
}
