/** Writes CAs and CRLs for one Mosquitto, makes it read them, and ends the connections that they do not admit any more. */
import type { BrokerProblem } from '@gatehouse/contract/brokers/inventory'
import type { DesiredState } from './desired-state.ts'
import { clearPending } from './pending-trust.ts'
import { signalMosquitto } from './reload-signal.ts'
import { type AppliedTrust, applyTrustFiles, TrustFilesError } from './trust-files.ts'

export type Trust = Pick<DesiredState, 'authorities' | 'crls'>

interface Settings {
  /** Null: no listener of this Mosquitto accepts certificates. */
  capath: string | null
  crlFile: string | null
  pidFile: string | null
}

export class TrustEnforcer {
  readonly #settings: Settings
  readonly #kick: (usernames: readonly string[] | null) => Promise<void>
  #applied: AppliedTrust = { pending: null, isOnlyCrl: false, foreign: [] }
  readonly #problems = new Map<'trust' | 'signal', BrokerProblem>()

  /** `kick` ends the connections of these users, or of all. */
  constructor(settings: Settings, kick: (usernames: readonly string[] | null) => Promise<void>) {
    this.#settings = settings
    this.#kick = kick
  }

  get foreignFiles(): AppliedTrust['foreign'] {
    return this.#applied.foreign
  }

  get problems(): BrokerProblem[] {
    return [...this.#problems.values()]
  }

  /** `revoked`: as for `MosquittoEnforcer.applyTrust`. */
  async apply({ authorities, crls }: Trust, revoked: readonly string[] | null = null): Promise<void> {
    const { capath, crlFile } = this.#settings
    if (capath === null) return
    try {
      this.#applied = await applyTrustFiles({ capath, crlFile }, { authorities, crls })
      this.#problems.delete('trust')
    } catch (error) {
      if (!(error instanceof TrustFilesError)) throw error
      this.#problems.set('trust', { code: 'trust_not_applied', detail: error.code })
      return
    }
    await this.#takeUp(capath, this.#applied.isOnlyCrl ? revoked : null)
  }

  /** Mosquitto handles the signal before it accepts the next connection, so who is disconnected comes back to the new trust. */
  async #takeUp(capath: string, revoked: readonly string[] | null): Promise<void> {
    const { pending } = this.#applied
    const { pidFile } = this.#settings
    if (pending === null) return
    const fault = pidFile === null ? 'pid_file_missing' : await signalMosquitto(pidFile)
    if (fault !== null) {
      this.#problems.set('signal', { code: 'signal_failed', detail: fault })
      return
    }
    this.#problems.delete('signal')
    if (pending === 'kick') await this.#kick(revoked)
    await clearPending(capath)
    this.#applied = { ...this.#applied, pending: null }
  }
}
