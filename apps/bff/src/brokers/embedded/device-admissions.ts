/** Devices that nobody entered: the facts about admission rules, and the requests to the main thread to create their users. */
import { Username } from '@gatehouse/contract/identity/users'
import { LRUCache } from 'lru-cache'
import type { AdmissionFacts, AdmissionRule } from '../../access/decision/admission.ts'
import type { NewDeviceAdmitted } from '../../access/decision/outcome.ts'
import { networkOf } from '../../platform/base/address.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Slots } from '../../platform/base/slots.ts'
import type { Change } from '../../platform/changes/store.ts'
import type { AdmitResult } from '../admission/admit.ts'
import type { NameReader } from '../admission/prepared-store.ts'
import type { HostCallbacks } from './port.ts'
import type { Remote } from './rpc.ts'

/** Requests that the main thread has at a time. Each takes the writers' turn, which the console needs too. */
const atOnce = 2
/** Requests that may wait. A device beyond them is refused and comes back. */
const maxWaiting = 500
/** Requests of one network in a minute: a plant that starts up stays below, a flood does not reach the main thread. */
const perMinute = 600
const minuteMs = 60_000
const rememberedNetworks = 10_000
const rememberedAdmissions = 1_000

const tooMany: AdmitResult = { reason: 'admission_busy' }

interface Parts {
  clock: Clock
  store: NameReader
  host: Pick<Remote<HostCallbacks>, 'admissionRules' | 'admitDevice'>
}

export class DeviceAdmissions {
  readonly #parts: Parts
  #rules: Promise<AdmissionRule[]> | null = null
  #hasNone = false
  /** By username: the same device may connect many times at once. */
  readonly #underWay = new Map<string, Promise<AdmitResult>>()
  readonly #slots = new Slots({ atOnce, maxWaiting })
  readonly #ofNetworks = new LRUCache<string, { since: number; count: number }>({ max: rememberedNetworks })
  /** By username: the rule, until the client is registered. */
  readonly #admitted = new LRUCache<string, string>({ max: rememberedAdmissions })

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Reads the rules again when they are next needed. Without rules, only a change of rules can matter. */
  follow({ kind }: Pick<Change, 'kind'>): void {
    if (kind === 'admission' || !this.#hasNone) this.forget()
  }

  forget(): void {
    this.#rules = null
    this.#hasNone = false
  }

  /** What decides about a device of this name that has no user. Null: there are no rules, so it is refused. */
  async factsFor(username: string | null): Promise<AdmissionFacts | null> {
    if (!Username.safeParse(username).success || username === null) return null
    const rules = await this.#currentRules()
    if (rules.length === 0) return null
    const names = await this.#parts.store.findNameFacts(username)
    return { ...names, rules, at: this.#parts.clock.now() }
  }

  /** Has the user of the device created. The reason is null when a user of this name exists then. */
  async createUser(
    { username, rule, verdict }: Pick<NewDeviceAdmitted, 'username' | 'rule' | 'verdict'>,
    address: string,
  ): Promise<AdmitResult> {
    const known = this.#underWay.get(username)
    if (known) return known
    if (!this.#mayAsk(address)) return tooMany
    if (this.#slots.isFull) return tooMany
    const { authority } = rule
    const device = { username, ruleId: rule.id, authority, fingerprint: verdict.leafFingerprint, address }
    const asked = this.#slots.run(() => this.#parts.host.admitDevice(device))
    this.#underWay.set(username, asked)
    try {
      const answer = await asked
      if (answer.reason === null) this.#admitted.set(username, rule.name)
      return answer
    } finally {
      this.#underWay.delete(username)
    }
  }

  /** The name of the rule that has just created this user. Null: the user was there before. */
  ruleOf(username: string): string | null {
    return this.#admitted.get(username) ?? null
  }

  /** The client is registered: its next connection is an ordinary one. */
  registered(username: string): void {
    this.#admitted.delete(username)
  }

  #currentRules(): Promise<AdmissionRule[]> {
    this.#rules ??= this.#readRules()
    return this.#rules
  }

  async #readRules(): Promise<AdmissionRule[]> {
    try {
      const rules = await this.#parts.host.admissionRules()
      this.#hasNone = rules.length === 0
      return rules
    } catch (error) {
      this.forget()
      throw error
    }
  }

  #mayAsk(address: string): boolean {
    const now = this.#parts.clock.now().getTime()
    const network = networkOf(address)
    const known = this.#ofNetworks.get(network)
    const isCurrent = known !== undefined && now >= known.since && now - known.since < minuteMs
    const counted = isCurrent ? known : { since: now, count: 0 }
    counted.count++
    this.#ofNetworks.set(network, counted)
    return counted.count <= perMinute
  }
}
