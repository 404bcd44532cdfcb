/**
 * The desired state of one Mosquitto, read from the database: as a whole at the start and after a loss, and then only what a change
 * of the log concerns. The adapter on the same machine and the endpoint of the agents use it.
 */
import { toPem, toPemInSlices } from '@gatehouse/pki/read/certificate'
import { openRevocationList } from '@gatehouse/pki/read/revocation-list'
import { serialNumberBytes } from '@gatehouse/pki/read/serial-number'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { findAuthorities } from '../../certificates/authorities/store.ts'
import type { OwnCrl } from '../../certificates/built-in-authority/own-crl.ts'
import { listLists, readDer } from '../../certificates/crls/store.ts'
import { listRevokedNames } from '../../certificates/revocations/store.ts'
import { type AnchorStore, prepareAnchors } from '../../certificates/trust/anchor-store.ts'
import { readHeads } from '../../certificates/trust/anchors.ts'
import { prepareUserFacts, type UserFactsStore } from '../../certificates/trust/user-facts-store.ts'
import { type MqttUserStore, prepareMqttUsers } from '../../identity/users/mqtt-users-store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { type ChangeReader, type LoggedChange, prepareChanges } from '../../platform/changes/store.ts'
import { inSeconds } from '../../platform/db/expiry-windows.ts'
import type { Db } from '../../platform/db/open.ts'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import type { ForeseenChange } from '../inventory/adapter.ts'
import type { ClientChanges } from './client-changes.ts'
import { type Accepts, compileClient, type DesiredState, type DynsecClient } from './desired-state.ts'
import { type ForeseenEnding, foreseeEnding } from './foresee.ts'
import { passwordTagOf } from './password-tag.ts'
import { Remarks } from './remarks.ts'
import { type CompiledTrust, type CurrentCrl, compileTrust, type TrustedCa } from './trust-state.ts'

export interface DesiredParts {
  reader: Db
  prepared: PreparedReader
  clock: Clock
  /** Null: there is no built-in authority. */
  ownCrl(): Promise<OwnCrl | null>
}

export interface BrokerTraits {
  accepts: Accepts
  /** The listener for certificates has `crlfile`. */
  usesCrls: boolean
}

interface FoundCrl {
  crl: CurrentCrl
  /** Null: the built-in authority's own. */
  der: Uint8Array | null
}

type Store = UserFactsStore & AnchorStore & MqttUserStore & ChangeReader

const usersAtOnce = 50

export class DesiredSource {
  readonly #parts: DesiredParts
  readonly #traits: BrokerTraits
  readonly #store: Store
  /** What this Mosquitto cannot enforce. */
  readonly remarks = new Remarks()
  /** By user id: the username under which this user was compiled last. */
  readonly #names = new Map<string, string>()
  #revokedNames: ReadonlySet<string> = new Set()
  /** The one that was read last. */
  #ownCrl: string | null = null

  constructor(parts: DesiredParts, traits: BrokerTraits) {
    this.#parts = parts
    this.#traits = traits
    const { prepared } = parts
    this.#store = {
      ...prepareUserFacts(prepared),
      ...prepareAnchors(prepared),
      ...prepareMqttUsers(prepared),
      ...prepareChanges(prepared),
    }
  }

  /** Everything. A change that commits meanwhile has a later sequence, so it is followed afterwards. */
  async read(): Promise<DesiredState> {
    const sequence = await this.#store.latestChange()
    const trust = await this.readTrust()
    this.#names.clear()
    this.remarks.clearUsers()
    const clients: DynsecClient[] = []
    for await (const userIds of eachSlice((after) => this.#store.listMqttUserIds(after))) {
      clients.push(...(await this.#compile(userIds)).clients)
    }
    return { sequence, ...trust, clients }
  }

  /** Some users, as they are now. */
  async readUsers(userIds: readonly string[]): Promise<ClientChanges> {
    const clients: DynsecClient[] = []
    const removed: string[] = []
    for (let at = 0; at < userIds.length; at += usersAtOnce) {
      const some = await this.#compile(userIds.slice(at, at + usersAtOnce))
      clients.push(...some.clients)
      removed.push(...some.removed)
    }
    const kept = new Set(clients.map(({ username }) => username))
    return { clients, removed: removed.filter((username) => !kept.has(username)) }
  }

  /** Ids of the users whom this change concerns. Null: it may be all. */
  async usersOf({ kind, ids }: LoggedChange): Promise<string[] | null> {
    if (kind !== 'user' && kind !== 'role') return []
    if (ids === null) return null
    if (kind === 'user') return [...ids]
    const found: string[] = []
    for await (const userIds of eachSlice((after) => this.#store.listHolderIds(ids, after))) found.push(...userIds)
    return found
  }

  /** CAs and CRLs. `affected`: ids of users who gain or lose their rights because a certificate was revoked, or is not any more. */
  async readTrust(): Promise<Pick<DesiredState, 'authorities' | 'crls'> & { affected: string[] }> {
    if (!this.#traits.accepts.certificate) return { authorities: [], crls: [], affected: [] }
    const authorities = await this.#readAuthorities()
    const own = await this.#parts.ownCrl()
    const crls = await this.#readCrls(authorities, own)
    const compiled: CompiledTrust = await compileTrust(authorities, {
      crls: crls.map(({ crl }) => crl),
      usesCrls: this.#traits.usesCrls,
      at: this.#parts.clock.now(),
    })
    this.remarks.setTrust(compiled.remarks)
    this.#ownCrl = own?.pem ?? null
    const before = this.#revokedNames
    this.#revokedNames = await this.#readRevokedNames({ own: this.#traits.usesCrls ? own : null, authorities, crls })
    const changed = new Set([...before].filter((name) => !this.#revokedNames.has(name)))
    for (const name of this.#revokedNames) if (!before.has(name)) changed.add(name)
    return { authorities: compiled.authorities, crls: compiled.crls, affected: await this.#idsOf(changed) }
  }

  /** True if the built-in authority has revoked something since its CRL was read. */
  async hasNewRevocations(): Promise<boolean> {
    if (!this.#traits.accepts.certificate) return false
    return ((await this.#parts.ownCrl())?.pem ?? null) !== this.#ownCrl
  }

  /** `writesTrust`: CAs and CRLs are written there. */
  foresee(change: ForeseenChange, { writesTrust }: { writesTrust: boolean }): Promise<ForeseenEnding> {
    return foreseeEnding(
      {
        findUsersById: (ids) => this.#store.findUsersById(ids),
        compile: (user) => compileClient(user, this.#how),
        readTrust: async () => (writesTrust && this.#traits.accepts.certificate ? this.#readForeseenTrust() : null),
      },
      change,
    )
  }

  /** Of these names, those of users who have no rights here. A client with such a name must not exist. */
  async withoutRights(usernames: readonly string[]): Promise<string[]> {
    const found: string[] = []
    for (const username of usernames.filter((each) => each.length <= 64)) {
      const user = await this.#store.findUser(username)
      if (user && this.#names.get(user.id) !== username) found.push(username)
    }
    return found
  }

  async #compile(userIds: readonly string[]): Promise<{ clients: DynsecClient[]; removed: string[] }> {
    const users = await this.#store.findUsersById(userIds)
    const clients: DynsecClient[] = []
    const removed: string[] = []
    for (const id of userIds) {
      const user = users.get(id)
      const before = this.#names.get(id)
      const compiled = user ? compileClient(user, this.#how) : null
      const client = compiled && 'client' in compiled ? compiled.client : null
      this.remarks.setUser(id, { username: user?.username ?? '', compiled })
      if (before !== undefined && before !== client?.username) removed.push(before)
      if (client) this.#names.set(id, client.username)
      else this.#names.delete(id)
      if (client) clients.push(client)
      // A client that is there although the console did not know of it.
      else if (user) removed.push(user.username)
    }
    return { clients, removed }
  }

  get #how() {
    return { accepts: this.#traits.accepts, revokedNames: this.#revokedNames, tagOf: passwordTagOf }
  }

  async #readForeseenTrust() {
    const authorities = await this.#readAuthorities()
    const own = await this.#parts.ownCrl()
    const crls = (await this.#readCrls(authorities, own)).map(({ crl }) => crl)
    return {
      authorities,
      crls,
      usesCrls: this.#traits.usesCrls,
      at: this.#parts.clock.now(),
      ownKey: own?.issuerKey ?? null,
    }
  }

  async #readAuthorities(): Promise<TrustedCa[]> {
    const { heads } = await readHeads(this.#store)
    const limits = new Map(heads.map(({ fingerprint, usernames }) => [fingerprint, usernames.length > 0]))
    const stored = await findAuthorities(this.#parts.reader, [...limits.keys()])
    return stored.map(({ name, certificate, limitedBy }) => ({
      ...certificate,
      name,
      pem: toPem('CERTIFICATE', certificate.der),
      isLimited: limits.get(certificate.fingerprint) !== false,
      limitedBy,
    }))
  }

  /** The built-in authority's own, and the newest whole CRL of each other trusted CA. */
  async #readCrls(authorities: readonly TrustedCa[], own: OwnCrl | null): Promise<FoundCrl[]> {
    const keys = new Set(authorities.map(({ keyFingerprint }) => keyFingerprint))
    const lists = (await listLists(this.#parts.reader)).filter(
      ({ issuer_key, scope }) => keys.has(issuer_key) && scope === '' && issuer_key !== own?.issuerKey,
    )
    const found: FoundCrl[] = own ? [{ crl: own, der: null }] : []
    for (const { fingerprint, issuer_key: issuerKey, next_update: nextUpdate } of lists) {
      const der = await readDer(this.#parts.reader, fingerprint)
      if (!der) continue
      const pem = await toPemInSlices('X509 CRL', der)
      found.push({ crl: { issuerKey, pem, nextUpdate: nextUpdate === null ? null : new Date(nextUpdate) }, der })
    }
    return found
  }

  /**
   * Names in certificates of foreign CAs that were revoked in the console and that the CRL of the CA does not contain. Mosquitto
   * would admit them, so their users lose their rights there.
   */
  async #readRevokedNames({
    own,
    authorities,
    crls,
  }: {
    own: OwnCrl | null
    authorities: readonly TrustedCa[]
    crls: readonly FoundCrl[]
  }): Promise<ReadonlySet<string>> {
    const keys = new Set(authorities.map(({ keyFingerprint }) => keyFingerprint))
    const revokedBy = new Map<string, Awaited<ReturnType<typeof openRevocationList>>['revoked']>()
    const names = new Set<string>()
    const yieldIfDue = createYielder()
    for await (const rows of eachRevocation(this.#parts, own?.issuerKey ?? '')) {
      for (const { username, issuerKey, serialNumber } of rows) {
        if (username === null || !keys.has(issuerKey)) continue
        const der = crls.find(({ crl }) => crl.issuerKey === issuerKey)?.der
        if (der && this.#traits.usesCrls && !revokedBy.has(issuerKey)) {
          revokedBy.set(issuerKey, (await openRevocationList(der)).revoked)
        }
        if (!revokedBy.get(issuerKey)?.has(serialNumberBytes(serialNumber))) names.add(username)
        await yieldIfDue()
      }
    }
    return names
  }

  async #idsOf(usernames: Iterable<string>): Promise<string[]> {
    const found: string[] = []
    for (const username of usernames) {
      const user = await this.#store.findUser(username)
      if (user) found.push(user.id)
    }
    return found
  }
}

/** Reads slices of ids, each after the last of the one before, and gives way between two. */
async function* eachSlice(read: (after: string) => Promise<string[]>): AsyncGenerator<string[]> {
  const yieldIfDue = createYielder()
  for (let after: string | undefined = ''; after !== undefined; ) {
    const ids = await read(after)
    for (let at = 0; at < ids.length; at += usersAtOnce) {
      yield ids.slice(at, at + usersAtOnce)
      await yieldIfDue()
    }
    after = ids.at(-1)
  }
}

async function* eachRevocation({ reader, clock }: DesiredParts, except: string) {
  const now = inSeconds(clock.now())
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows = await listRevokedNames(reader, { except, after, now })
    yield rows
    after = rows.at(-1)?.id
  }
}
