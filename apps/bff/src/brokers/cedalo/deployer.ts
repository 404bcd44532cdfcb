/**
 * Brings the client CAs of one Cedalo broker to what is wanted, and keeps the inventory: the broker cannot list what it has. The
 * inventory says `unknown` before a command is sent, so an answer that is lost, or a crash, leaves nothing that looks certain.
 */
import type { BrokerProblem } from '@gatehouse/contract/brokers/inventory'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { type ControlClient, ControlError } from '../mosquitto/control-client.ts'
import { Dynsec } from '../mosquitto/dynsec.ts'
import { planKicks } from '../mosquitto/dynsec-base.ts'
import { someOf } from '../mosquitto/problems.ts'
import { type CedaloListener, listListeners, type Outcome, sendCertificateCommands } from './control.ts'
import { readDeployable } from './deployable.ts'
import { type PlannedCommand, planDeployments } from './plan.ts'
import { deleteSettled, insertDeployments, listDeployments, type StoredDeployment, savePresence } from './store.ts'

export interface DeployerParts {
  db: Db
  clock: Clock
  control: Pick<ControlClient, 'send'>
  brokerId: string
  /** Ids of listeners that get every trusted CA. */
  following: readonly number[]
}

/** A PEM is at most 64 KiB here, so a message stays below the mebibyte that the control client sends. */
const commandsAtOnce = 10

export class Deployer {
  readonly #parts: DeployerParts
  #listeners: CedaloListener[] | null = null
  #problem: BrokerProblem | null = null
  #failures = 0
  /** Names of CAs that a listener which follows the trust store does not get, because of a username limit. */
  #leftOut: readonly string[] = []
  /** A CA was deleted: its connections stay until they are ended. */
  #isKickDue = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: DeployerParts) {
    this.#parts = parts
  }

  /** As the broker last answered. Null: it did not, or its answer has no ids. */
  get listeners(): readonly CedaloListener[] | null {
    return this.#listeners
  }

  /** How many CAs are not as they are wanted, after the last attempt. */
  get failures(): number {
    return this.#failures
  }

  get problems(): BrokerProblem[] {
    return [
      ...(this.#problem ? [this.#problem] : []),
      ...(this.#failures > 0 ? [{ code: 'trust_not_applied' as const, detail: String(this.#failures) }] : []),
      ...(this.#leftOut.length > 0 ? [{ code: 'authorities_left_out' as const, detail: someOf(this.#leftOut) }] : []),
    ]
  }

  /** Asks the broker for its listeners. Null: see `problems`. */
  readListeners(): Promise<readonly CedaloListener[] | null> {
    return this.#inTurn(() => this.#readListeners())
  }

  /**
   * Sends what is missing. `isVerifying`: also inserts CAs that should be there, because a restarted container may have lost them;
   * "File already exists" is the proof then. Resolves with whether everything is as it is wanted.
   */
  settle({ isVerifying }: { isVerifying: boolean }): Promise<boolean> {
    return this.#inTurn(async () => {
      const { db, clock, brokerId, following } = this.#parts
      const stored = await listDeployments(db, { brokerId })
      // Nothing is deployed and nothing follows: an open source broker without control API is no problem then.
      if (stored.length === 0 && following.length === 0 && !this.#isKickDue) return this.#nothingLeft()
      const listeners = await this.#readListeners()
      if (!listeners) return false
      const { deployable, leftOut } = await readDeployable(db)
      const facts = { brokerId, listeners, following, deployable, stored, isVerifying, at: timestamp(clock) }
      const { commands, impossible, gone } = planDeployments(facts)
      this.#failures = 0
      this.#leftOut = following.length > 0 ? leftOut.map(({ name }) => name).toSorted() : []
      const known = new Set(stored)
      const planned = [...commands, ...impossible].map(({ deployment }) => deployment)
      await insertDeployments(
        db,
        planned.filter((each) => !known.has(each)),
      )
      for (const deployment of gone) await this.#save(deployment, { presence: 'absent', error: null })
      for (const { deployment, error } of impossible) await this.#fail(deployment, error)
      for (let at = 0; at < commands.length; at += commandsAtOnce)
        await this.#send(commands.slice(at, at + commandsAtOnce))
      if (this.#isKickDue) await this.#kickAll()
      const kept = new Set(deployable.map(({ fingerprint }) => fingerprint))
      const fingerprints = stored.map(({ fingerprint }) => fingerprint)
      await deleteSettled(
        db,
        brokerId,
        fingerprints.filter((each) => !kept.has(each)),
      )
      return this.#failures === 0
    })
  }

  #nothingLeft(): boolean {
    this.#failures = 0
    this.#leftOut = []
    this.#problem = null
    return true
  }

  async #readListeners(): Promise<CedaloListener[] | null> {
    const answer = await listListeners(this.#parts.control)
    this.#listeners = 'listeners' in answer ? answer.listeners : null
    this.#problem = 'fault' in answer ? problemOf(answer.fault) : null
    return this.#listeners
  }

  async #send(planned: readonly PlannedCommand[]): Promise<void> {
    for (const { deployment } of planned) {
      if (deployment.presence !== 'present')
        await this.#save(deployment, { presence: 'unknown', error: deployment.error })
    }
    const outcomes = await sendCertificateCommands(
      this.#parts.control,
      planned.map(({ command }) => command),
    )
    for (const [at, { command, deployment }] of planned.entries()) {
      const outcome = outcomes[at] ?? { result: 'unknown', code: 'no_answer' }
      await this.#note(deployment, outcome, command.pem === null ? 'absent' : 'present')
    }
  }

  async #note(deployment: StoredDeployment, outcome: Outcome, aim: 'absent' | 'present'): Promise<void> {
    if (outcome.result === 'done' || outcome.result === 'exists') {
      if (aim === 'absent') this.#isKickDue = true
      await this.#save(deployment, { presence: aim, error: null })
    } else if (outcome.result === 'unknown') {
      this.#failures++
      // A command that was not sent, or that changes nothing where the CA is already, leaves it as it was.
      const isAsBefore = outcome.code === 'not_connected' || outcome.code === 'too_large' || deployment.presence === aim
      await this.#save(deployment, { presence: isAsBefore ? deployment.presence : 'unknown', error: outcome.code })
    } else {
      this.#failures++
      // An insert that is refused stored nothing. A delete that is refused may have found nothing, and nobody can ask.
      const presence = aim === 'present' && deployment.presence === 'absent' ? 'absent' : 'unknown'
      await this.#save(deployment, { presence, error: outcome.text })
    }
  }

  /**
   * Ends the connections of all users. The broker does not say by which CA each of them came; those whose CA is still trusted come
   * back at once.
   */
  async #kickAll(): Promise<void> {
    const dynsec = new Dynsec(this.#parts.control)
    try {
      await dynsec.run(planKicks(await dynsec.read(), null))
      this.#isKickDue = false
    } catch (error) {
      if (!(error instanceof ControlError)) throw error
      this.#failures++
      this.#problem = { code: error.code === 'no_answer' ? 'dynsec_missing' : 'trust_not_applied', detail: null }
    }
  }

  async #fail(deployment: StoredDeployment, error: string): Promise<void> {
    this.#failures++
    await this.#save(deployment, { presence: deployment.presence, error })
  }

  #save(deployment: StoredDeployment, found: Pick<StoredDeployment, 'presence' | 'error'>): Promise<void> {
    const changedAt = timestamp(this.#parts.clock)
    return savePresence(this.#parts.db, { ...deployment, changedAt }, found)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

/** `detail` names the listing, so that the page can say which plugin is missing. */
function problemOf(fault: string): BrokerProblem {
  if (fault === 'not_pro') return { code: 'listeners_without_ids', detail: null }
  if (fault === 'wrong_answer') return { code: 'wrong_answer', detail: 'listListeners' }
  return { code: 'no_answer', detail: 'listListeners' }
}
