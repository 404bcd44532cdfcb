/** Applies one change of the log to one Mosquitto: only the users and the trust that it concerns. */
import { findRevocation } from '../../certificates/revocations/store.ts'
import type { LoggedChange } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { DesiredSource } from './desired-source.ts'
import type { MosquittoEnforcer } from './enforcer.ts'

interface Parts {
  reader: Db
  source: DesiredSource
  enforcer: MosquittoEnforcer
}

export class ChangeApplier {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Nobody is in the answer: Mosquitto does not say whose connections it ended. */
  async apply(change: LoggedChange): Promise<string[]> {
    const { source, enforcer } = this.#parts
    if (change.kind === 'user' || change.kind === 'role') {
      const userIds = await source.usersOf(change)
      if (userIds === null) await enforcer.apply(await source.read())
      else await this.#applyUsers(userIds)
    } else if (change.kind === 'authority' || change.kind === 'revocation' || change.kind === 'crl') {
      const trust = await source.readTrust()
      await this.#applyUsers(trust.affected)
      await enforcer.applyTrust(trust, await this.#revokedBy(change))
    }
    return []
  }

  async #applyUsers(userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return
    const { source, enforcer } = this.#parts
    const changes = await source.readUsers(userIds)
    await enforcer.applyClients(changes)
    // Certificates of a user end with the user or the grant, and then they are on the CRL.
    if (!(await source.hasNewRevocations())) return
    const names = [...changes.removed, ...changes.clients.map(({ username }) => username)]
    await enforcer.applyTrust(await source.readTrust(), names)
  }

  /** The users whose certificates this change revoked. Null: not known. */
  async #revokedBy({ kind, ids }: LoggedChange): Promise<string[] | null> {
    if (kind !== 'revocation' || ids === null) return null
    const names: string[] = []
    for (const id of ids) {
      const revocation = await findRevocation(this.#parts.reader, id)
      // Taken back: nobody has to be disconnected.
      if (!revocation) continue
      if (revocation.username === null) return null
      names.push(revocation.username)
    }
    return names
  }
}
