/** The adapter of a Cedalo Pro Mosquitto: its client CAs by the control API, its users and roles by dynsec. */
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import type { BrokerProblem, BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { KnownPassword } from '../../identity/passwords/known-password.ts'
import {
  type AdapterParts,
  type BrokerAdapter,
  type BrokerRow,
  type Enforced,
  type Foreseen,
  type ForeseenChange,
  type MakeAdapter,
  notConfirmed,
  nothingForeseen,
} from '../inventory/adapter.ts'
import { testConnection, testStrangers } from '../inventory/probe.ts'
import { type ConnectFault, type ControlClient, connectControl } from '../mosquitto/control-client.ts'
import type { CedaloListener } from './control.ts'
import { lostBy } from './deployable.ts'
import { Deployer } from './deployer.ts'
import { DeploymentFollower } from './follower.ts'
import { isSuitable } from './plan.ts'
import { listDeployments } from './store.ts'

/** `makeUsers`: brings users and roles there, as on an open source Mosquitto without files. */
export function makeCedaloAdapter(makeUsers: MakeAdapter<'mosquitto'>): MakeAdapter<'cedalo'> {
  return (row, parts) => new CedaloAdapter(row, parts, makeUsers(withoutFiles(row), parts))
}

/** Devices sign in with certificates there, so users who have only a password get no rights. */
function withoutFiles(row: BrokerRow<'cedalo'>): BrokerRow<'mosquitto'> {
  const settings = { capath: null, crlFile: null, pidFile: null, dynsecFile: null, admitsPasswordOnly: false }
  return { ...row, kind: 'mosquitto', settings: { ...settings, ports: { certificate: row.port, password: row.port } } }
}

export class CedaloAdapter implements BrokerAdapter {
  readonly id: string
  readonly name: string
  readonly capabilities = cedaloCapabilities
  readonly #row: BrokerRow<'cedalo'>
  readonly #parts: AdapterParts
  readonly #users: BrokerAdapter
  readonly #control: ControlClient
  readonly #deployer: Deployer
  readonly #follower: DeploymentFollower

  constructor(row: BrokerRow<'cedalo'>, parts: AdapterParts, users: BrokerAdapter) {
    this.id = row.id
    this.name = row.name
    this.#row = row
    this.#parts = parts
    this.#users = users
    const { host, port, tls, authorities: ca, username, settings } = row
    const { db, clock, log, changes, password } = parts
    const control = connectControl(
      { host, port, tls, ca, username: username ?? '', password: password ?? '' },
      { onConnect: () => this.#follower.startAnew() },
    )
    const deployer = new Deployer({ db, clock, control, brokerId: row.id, following: settings.listeners })
    this.#follower = new DeploymentFollower(changes, {
      brokerId: row.id,
      isConnected: () => control.isConnected,
      settle: (how) => deployer.settle(how),
      nowMs: () => clock.now().getTime(),
      onError: (error) => log.warn({ err: error, broker: row.name }, 'The client CAs could not be compared'),
    })
    this.#control = control
    this.#deployer = deployer
  }

  get isConnected(): boolean {
    return this.#control.isConnected
  }

  /** Why the last question for the listeners had no useful answer. */
  get listenerProblem(): 'no_answer' | 'wrong_answer' | 'listeners_without_ids' {
    const code = this.#deployer.problems[0]?.code
    return code === 'wrong_answer' || code === 'listeners_without_ids' ? code : 'no_answer'
  }

  /** Asks the broker. Null: it does not answer with listeners that have ids. */
  async readListeners(): Promise<readonly CedaloListener[] | null> {
    if (!this.#control.isConnected) return null
    return this.#deployer.readListeners()
  }

  /** Brings the client CAs there. False: some are not as they are wanted, or the broker is away. */
  async deploy(): Promise<boolean> {
    if (!this.#control.isConnected) return false
    return this.#deployer.settle({ isVerifying: false })
  }

  async passwordKnown(known: KnownPassword): Promise<void> {
    await this.#users.passwordKnown?.(known)
  }

  async enforced(sequences: readonly number[]): Promise<Enforced> {
    if (!this.#control.isConnected) return notConfirmed
    const [isSettled, users] = await Promise.all([this.#follower.enforced(sequences), this.#users.enforced(sequences)])
    return isSettled ? users : notConfirmed
  }

  async foresee(change: ForeseenChange): Promise<Foreseen | null> {
    if (!('trust' in change) || !('authority' in change.trust)) return (await this.#users.foresee?.(change)) ?? null
    const stored = await listDeployments(this.#parts.reader, { brokerId: this.id })
    const present = stored.filter(({ presence }) => presence !== 'absent')
    if (present.length === 0) return nothingForeseen
    const lost = await lostBy(this.#parts.reader, change.trust)
    if (!present.some(({ fingerprint }) => lost.has(fingerprint))) return nothingForeseen
    return this.#control.isConnected ? { ends: 'all', connections: null } : null
  }

  async state(): Promise<BrokerState> {
    const users = await this.#users.state()
    if (!this.#control.isConnected) {
      return {
        ...users,
        reachable: false,
        problems: merged([{ code: codeOf(this.#control.fault), detail: null }], users.problems),
      }
    }
    const { cursor } = this.#follower
    const applied = Math.min(cursor, users.applied ?? cursor)
    return { ...users, reachable: true, applied, problems: merged(this.#deployer.problems, users.problems) }
  }

  async test(): Promise<TestStep[]> {
    const { username, host } = this.#row
    const { password } = this.#parts
    const credentials = username === null || password === null ? null : { username, password }
    const connection = await testConnection(this.#row, credentials)
    if (connection.some(({ outcome }) => outcome === 'failed')) return [...connection, skipped('listeners')]
    const listeners = await this.readListeners()
    const ports = (listeners ?? []).filter(({ protocol }) => protocol === 'mqtt').map(({ port }) => port)
    const strangers = await testStrangers({ host }, { ports: [...ports, this.#row.port], username })
    return [...connection, this.#listenersStep(listeners), ...strangers]
  }

  #listenersStep(listeners: readonly CedaloListener[] | null): TestStep {
    const [problem] = this.#deployer.problems
    if (!listeners) {
      return {
        step: 'listeners',
        outcome: 'failed',
        problem: problem?.code ?? 'no_answer',
        detail: problem?.detail ?? null,
      }
    }
    const suitable = listeners.filter(isSuitable).map(({ port }) => port)
    return { step: 'listeners', outcome: 'passed', problem: null, detail: suitable.join(', ') || null }
  }

  async close(): Promise<void> {
    await this.#follower.close()
    await Promise.all([this.#control.close(), this.#users.close()])
  }
}

/** Cedalo sees the Common Name only, does not call back, and has no CRL that the control API could replace. */
export const cedaloCapabilities: Capabilities = {
  mode: 'push',
  evidence: 'name',
  decidesCertificates: false,
  bothOnOnePort: false,
  certificateAndPassword: false,
  revokeOne: 'no',
  authorityLimits: false,
  trustAddMs: 1_000,
  trustRemoveMs: 1_000,
  end: ['user'],
  endsWithinMs: 2_000,
  refusalReasons: false,
  partialSubAck: true,
  deliveryCheck: true,
  dropSession: false,
  mqtt5: true,
  cacheMs: 0,
  badNames: '',
}

function codeOf(fault: ConnectFault | null): BrokerProblem['code'] {
  if (fault === 'tls') return 'tls_failed'
  if (fault === 'not_authorized') return 'credentials_refused'
  return fault === 'protocol' ? 'wrong_answer' : 'unreachable'
}

/** Both connections are to the same broker, so they often have the same problem. */
function merged(some: readonly BrokerProblem[], others: readonly BrokerProblem[]): BrokerProblem[] {
  return [...some, ...others.filter(({ code }) => !some.some((each) => each.code === code))]
}

function skipped(step: TestStep['step']): TestStep {
  return { step, outcome: 'skipped', problem: null, detail: null }
}
