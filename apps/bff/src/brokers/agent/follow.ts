/** Follows the console for ever: pulls, applies, reports, renews the certificate. Nothing that goes wrong ends it. */

import { X509Certificate } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { longestPullMs, type PullAnswer, type Report } from '@gatehouse/contract/brokers/enforcer-protocol'
import type { Logger } from 'pino'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import { changedAuthorities, isOfNewestAuthority, newestAuthority } from './authorities.ts'
import { ConsoleClient } from './console-client.ts'
import type { Contact } from './contact.ts'
import type { DesiredCopy } from './desired-copy.ts'
import { renew } from './enrol.ts'
import type { Identity, IdentityFile } from './identity.ts'
import type { LocalBroker } from './local-broker.ts'

const firstRetryMs = 500
const slowestRetryMs = 30_000
const renewAgainAfterMs = 60 * 60_000

interface Parts {
  file: IdentityFile
  copy: DesiredCopy
  local: LocalBroker
  contact: Contact
  proxy: ProxyEnvironment
  clock: Clock
  log: Logger
}

export class Follower {
  readonly #parts: Parts
  readonly #stop = new AbortController()
  #identity: Identity
  #client: ConsoleClient
  #renewAfter = 0
  /** A console of an earlier version names no CAs, and refuses a request that does. */
  #namesAuthorities = false
  /** Something differs from the last report that the console has. */
  #isReportDue = false

  constructor(identity: Identity, parts: Parts) {
    this.#parts = parts
    this.#identity = identity
    this.#client = new ConsoleClient(identity, parts.proxy)
  }

  /** Ends only by `stop`. */
  async run(): Promise<void> {
    let retryMs = firstRetryMs
    while (!this.#stop.signal.aborted) {
      try {
        await this.#follow()
        retryMs = firstRetryMs
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#parts.contact.failed(error)
        // Agents of a plant must not all come back in the same moment.
        await wait(retryMs * (0.75 + Math.random() / 2), null, { signal: this.#stop.signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, slowestRetryMs)
      }
    }
  }

  /** Something beside the console's news has changed. If the console is away, it gets the report with its next answer. */
  changed(): void {
    this.#isReportDue = true
    void this.#report([]).catch(() => {})
  }

  stop(): void {
    this.#stop.abort()
    this.#client.close()
  }

  async #report(passwordsSet: number[], more: Pick<Report, 'restored'> = {}): Promise<void> {
    const { copy, local, clock } = this.#parts
    const { epoch, revision } = copy.position
    // The console sends its epoch with the first answer, which is reported then.
    if (epoch === null) return
    await this.#client.report({
      epoch,
      revision,
      sequence: copy.sequence,
      ...local.report(),
      // Mosquitto does not say how many connections it has closed.
      ended: null,
      passwordsSet,
      ...more,
      at: timestamp(clock),
    })
    this.#isReportDue = false
  }

  async #follow(): Promise<void> {
    const { copy, contact } = this.#parts
    const answer = await this.#client.pull({ ...copy.position, waitMs: longestPullMs }, this.#stop.signal)
    contact.answered(answer.at)
    await this.#take(answer)
    await this.#trust(answer.authorities)
    if (this.#isRenewalDue()) await this.#renew()
  }

  async #take(answer: PullAnswer): Promise<void> {
    const { copy, local, contact } = this.#parts
    const news = copy.take(answer)
    if (news) {
      await local.apply(news)
      // After the broker: a full disk must not keep a revocation from it.
      await copy.save().then(
        () => contact.stored(),
        (error: unknown) => contact.notStored(error),
      )
    }
    const passwordsSet = await local.setPasswords(answer.passwords)
    const isRestored = answer.restore !== undefined && (await local.restore())
    const isNews = news !== null || answer.passwords.length > 0 || answer.restore !== undefined
    if (isNews || this.#isReportDue) await this.#report(passwordsSet, isRestored ? { restored: answer.restore } : {})
  }

  /** Stores the CAs before it requests a certificate of the newest one: from then on the console may drop the other CAs. */
  async #trust(authorities: PullAnswer['authorities']): Promise<void> {
    this.#namesAuthorities = authorities !== undefined
    const authority = authorities ? changedAuthorities(this.#identity, authorities) : null
    if (authority === null) return
    const identity = { ...this.#identity, authority }
    await this.#parts.file.write(identity)
    this.#use(identity)
    this.#renewAfter = 0
    this.#parts.log.info({}, 'The console has named other CAs for its agents')
  }

  #isRenewalDue(): boolean {
    const now = this.#parts.clock.now().getTime()
    const { validFrom, validTo } = new X509Certificate(this.#identity.certificate)
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
    const isOld = now > from + (to - from) / 2
    return (isOld || !isOfNewestAuthority(this.#identity)) && now > this.#renewAfter
  }

  /** A failure is no reason to stop: the present certificate works, and the next attempt is in an hour. */
  async #renew(): Promise<void> {
    const { file, log, clock } = this.#parts
    this.#renewAfter = clock.now().getTime() + renewAgainAfterMs
    try {
      const authority = this.#namesAuthorities ? newestAuthority(this.#identity) : undefined
      this.#use(await renew(file, this.#identity, { client: this.#client, authority }))
      log.info({}, 'The certificate of this agent was renewed')
    } catch (error) {
      log.warn({ err: error }, 'The certificate of this agent was not renewed')
    }
  }

  /** For new connections. */
  #use(identity: Identity): void {
    this.#identity = identity
    this.#client.close()
    this.#client = new ConsoleClient(identity, this.#parts.proxy)
  }
}
