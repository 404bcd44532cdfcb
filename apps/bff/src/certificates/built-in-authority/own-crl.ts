/** The CRL of the built-in authority, for brokers that check revocations by themselves. */
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { issueRevocationList } from '@gatehouse/pki/make/revocation-list'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { findBuiltIn } from '../authorities/store.ts'
import { listRevokedBy } from '../revocations/store.ts'

export interface OwnCrl {
  /** SHA-256 of the key that signed it. */
  issuerKey: string
  pem: string
  nextUpdate: Date
}

interface Parts {
  db: Db
  clock: Clock
  authority(): IssuedPems
}

const dayMs = 24 * 60 * 60 * 1000
const days = 7
/** A broker that gets no new CRL for six days still admits its clients. */
const renewAfterMs = dayMs

/**
 * Makes a CRL when it is needed. It is the same until a certificate is revoked, the authority is replaced or a day has passed, so
 * that brokers need not read it again.
 */
export class OwnCrlIssuer {
  readonly #parts: Parts
  #last: (OwnCrl & { content: string; madeAt: number }) | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Null: there is no built-in authority. */
  issue(): Promise<OwnCrl | null> {
    const turn = this.#turn.then(() => this.#issueNow())
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #issueNow(): Promise<OwnCrl | null> {
    const { db, clock, authority } = this.#parts
    const builtIn = await findBuiltIn(db)
    if (!builtIn) return null
    const { keyFingerprint: issuerKey } = builtIn.certificate
    const revoked = await listRevokedBy(db, issuerKey)
    const now = clock.now()
    const content = JSON.stringify([issuerKey, revoked])
    if (this.#last?.content === content && now.getTime() - this.#last.madeAt < renewAfterMs) return this.#last
    const pem = await issueRevocationList({
      authority: authority(),
      revoked: revoked.map(({ serialNumber, at }) => ({ serialNumber, at: new Date(at) })),
      // RFC 5280 §5.2.3: it only rises.
      number: now.getTime(),
      days,
      at: now,
    })
    const nextUpdate = new Date(now.getTime() + days * dayMs)
    this.#last = { issuerKey, pem, nextUpdate, content, madeAt: now.getTime() }
    return this.#last
  }
}
