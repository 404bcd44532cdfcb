/** The Mosquitto beside the agent: brings it to the state of the copy, and again after it was away. */
import type { Report, SentPassword } from '@gatehouse/contract/brokers/enforcer-protocol'
import type { Logger } from 'pino'
import { type EnforcerSettings, MosquittoEnforcer } from '../mosquitto/enforcer.ts'
import { problemsOf } from '../mosquitto/problems.ts'
import type { DesiredCopy, News } from './desired-copy.ts'

/** A broker that refused is tried again after this time. Somebody's change is seen after it. */
const checkEveryMs = 15_000
const mostNames = 50

export type LocalReport = Pick<Report, 'isApplied' | 'problems' | 'inventory'>

interface Options {
  log: Logger
  /** Something differs from the last report. */
  onChange(): void
}

export class LocalBroker {
  readonly #enforcer: MosquittoEnforcer
  readonly #copy: DesiredCopy
  readonly #options: Options
  readonly #check: NodeJS.Timeout
  #isApplied = false
  /** While the broker is brought to a newer state, a report must not say that it has it already. */
  #underWay = 0

  constructor(settings: EnforcerSettings, copy: DesiredCopy, options: Options) {
    this.#copy = copy
    this.#options = options
    this.#enforcer = new MosquittoEnforcer(settings, {
      onConnect: () => void this.#reconnected(),
      onDisconnect: () => {
        this.#isApplied = false
        options.onChange()
      },
    })
    this.#check = setInterval(() => void this.#checkNow(), checkEveryMs)
  }

  /** Resolves also when it failed: the report says so. */
  async apply(news: News): Promise<void> {
    const { state } = this.#copy
    if (state === null) return
    this.#underWay++
    try {
      // After a failure it is not known what the broker has.
      if (news.kind === 'clients' && this.#isApplied) await this.#enforcer.applyClients(news)
      else await this.#enforcer.apply(state)
      this.#isApplied = true
    } catch (error) {
      this.#isApplied = false
      this.#options.log.warn({ err: error }, 'The broker has not taken the state')
      // The files are right when the broker starts.
      if (!this.#enforcer.isConnected) await this.#enforcer.applyTrust(state).catch(() => {})
    } finally {
      this.#underWay--
    }
  }

  /** Returns the ids of the passwords that the console need not send again. */
  async setPasswords(passwords: readonly SentPassword[]): Promise<number[]> {
    const done: number[] = []
    for (const { id, username, password, tag } of passwords) {
      const isHandled = await this.#enforcer.setPassword(username, { password, tag }).then(
        () => true,
        () => false,
      )
      if (isHandled) done.push(id)
    }
    return done
  }

  /** Undoes what others changed. False: the broker did not take it. */
  async restore(): Promise<boolean> {
    try {
      await this.#enforcer.restore()
      return true
    } catch (error) {
      this.#options.log.warn({ err: error }, 'The changes of others were not undone')
      return false
    }
  }

  report(): LocalReport {
    const { problems, foreignClients, foreignFiles, withoutPassword } = this.#enforcer
    // What Mosquitto cannot enforce is known to the console, which compiled the state.
    const all = problemsOf(this.#enforcer, [])
    return {
      isApplied: this.#isApplied && this.#underWay === 0 && problems.length === 0,
      problems: all.map(({ code, detail }) => ({ code, detail: detail === null ? null : line(detail) })).slice(0, 50),
      inventory: {
        foreignClients: first(foreignClients),
        foreignFiles: first(foreignFiles.map(({ name }) => name)),
        withoutPassword: first(withoutPassword),
      },
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#check)
    await this.#enforcer.close()
  }

  /** The broker was restarted, or the way to it was cut: anything may have changed meanwhile. */
  async #reconnected(): Promise<void> {
    await this.apply({ kind: 'everything' })
    this.#options.onChange()
  }

  async #checkNow(): Promise<void> {
    const before = JSON.stringify(this.report())
    if (this.report().isApplied) await this.#enforcer.lookForDrift().catch(() => {})
    else await this.apply({ kind: 'everything' })
    if (JSON.stringify(this.report()) !== before) this.#options.onChange()
  }
}

function first(names: readonly string[]): string[] {
  return names.slice(0, mostNames).map(line)
}

/** One line that the console accepts: names of files and of foreign clients may contain anything. */
function line(text: string): string {
  const shown = text
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
    .slice(0, 300)
    .trim()
  return shown === '' ? '?' : shown
}
