/** All listeners of the broker, as the database and the environment want them. They change while the broker runs. */
import type { FailedListener, Listener } from '@gatehouse/contract/brokers/broker'
import { needsNewConnections } from '@gatehouse/contract/brokers/listener-changes'
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { AcceptingListener } from '../../access/decision/evidence.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import { applyEnvironment, isFromEnvironment, type ListenerEnvironment } from '../listeners/environment.ts'
import type { ListenerRecord } from '../listeners/listener.ts'
import { rulesOf } from './listener-rules.ts'
import { type ListenerParts, OpenListener } from './open-listener.ts'
import type { BrokerSettings, ListenerReport } from './port.ts'
import type { ServerCertificate } from './tls-handshake.ts'

type ListenerError = NonNullable<StoredListener['status']['error']>

const retryEveryMs = 5_000

interface Parts extends ListenerParts {
  settings: Pick<BrokerSettings, 'environment' | 'serverCertificate' | 'boundPorts'>
  /** The certificate of a listener that has its own. Null: there is none any more. */
  readCertificate(id: string): Promise<ServerCertificate | null>
  /** Called when listeners were opened or closed. */
  onChanged(): void
}

/** A listener whose connections must be judged again. `rules` null: it was closed, and its connections end. */
export interface ListenerChange {
  id: string
  rules: AcceptingListener | null
}

interface Entry {
  open: OpenListener
  error: ListenerError | null
  /** What the system answered when it could not listen. */
  cause: Error | null
}

export class ListenerSet {
  readonly #parts: Parts
  readonly #entries = new Map<string, Entry>()
  #common: ServerCertificate
  #turn: Promise<unknown> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(parts: Parts) {
    this.#parts = parts
    this.#common = parts.settings.serverCertificate
    this.#timer = setInterval(() => void this.#inTurn(() => this.#retry()), retryEveryMs).unref()
  }

  /** Rejects if a listener that the environment gives cannot be opened. Others are tried again later. */
  async start(records: readonly ListenerRecord[]): Promise<void> {
    await this.#inTurn(() => this.#apply(records))
    const { environment } = this.#parts.settings
    for (const { open, error, cause } of this.#entries.values()) {
      // What can be mended in the console must not stop the start, such as a certificate.
      if (error === null || cause === null || !isFromEnvironment(open.record, environment)) continue
      this.close()
      throw cause
    }
    this.#parts.onChanged()
  }

  /** Opens, changes and closes what differs. */
  apply(records: readonly ListenerRecord[]): Promise<ListenerChange[]> {
    return this.#inTurn(async () => {
      const changes = await this.#apply(records)
      this.#parts.onChanged()
      return changes
    })
  }

  /** For listeners without a certificate of their own. */
  replaceServerCertificate(certificate: ServerCertificate): void {
    this.#common = certificate
    for (const { open } of this.#entries.values()) {
      if (open.record.certificate === null) open.replaceCertificate(certificate)
    }
  }

  reports(): Omit<ListenerReport, 'connections'>[] {
    return [...this.#entries.values()].map(({ open, error }) => ({
      ...viewOf(open),
      id: open.record.id,
      boundPort: open.boundPort,
      error,
    }))
  }

  /** Those that should accept connections, and do not. */
  failures(): FailedListener[] {
    return this.reports().flatMap(({ name, address, port, error }) => (error ? [{ name, address, port, error }] : []))
  }

  /** Those that accept connections. */
  views(): Listener[] {
    const listening = [...this.#entries.values()].filter(({ open }) => open.isListening)
    return listening.map(({ open }) => viewOf(open))
  }

  /** The rules of all listeners, for checks of a certificate. */
  allRules(): (AcceptingListener & { isOpen: boolean })[] {
    return [...this.#entries.values()].map(({ open }) => ({ ...open.rules, isOpen: open.isListening }))
  }

  /** What a change would mean for the connections of the listener that they are judged by. Null: they would all end. */
  rulesAfter(next: ListenerRecord): { before: AcceptingListener | null; after: AcceptingListener | null } {
    const before = this.#entries.get(next.id)?.open
    const { record, isOff } = applyEnvironment(next, this.#parts.settings.environment)
    const isKept = before && !isOff && !needsNewConnections(before.record, record)
    return { before: before?.rules ?? null, after: isKept ? rulesOf(record) : null }
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { open } of this.#entries.values()) open.close()
    this.#parts.bounds.limiter.close()
  }

  async #apply(records: readonly ListenerRecord[]): Promise<ListenerChange[]> {
    const { environment } = this.#parts.settings
    const wanted = records.map((record) => applyEnvironment(record, environment)).filter(({ isOff }) => !isOff)
    const changes: ListenerChange[] = []
    const byId = new Map(wanted.map(({ record }) => [record.id, record]))
    // First what closes, so that another listener may take its port.
    for (const [id, { open }] of this.#entries) {
      const next = byId.get(id)
      if (next && !needsNewConnections(open.record, next)) continue
      open.close()
      this.#entries.delete(id)
      changes.push({ id, rules: null })
    }
    for (const record of byId.values()) {
      const known = this.#entries.get(record.id)
      if (!known) await this.#open(record)
      else if (JSON.stringify(known.open.record) !== JSON.stringify(record)) {
        await this.#change(known, record)
        changes.push({ id: record.id, rules: known.open.rules })
      }
    }
    return changes
  }

  async #open(record: ListenerRecord): Promise<void> {
    const entry: Entry = { open: new OpenListener(this.#parts, record), error: null, cause: null }
    this.#entries.set(record.id, entry)
    await this.#listen(entry, record)
  }

  /** The connections stay. Who calls judges them again. */
  async #change(entry: Entry, record: ListenerRecord): Promise<void> {
    const { address, port } = entry.open.record
    if (address !== record.address || port !== record.port) entry.open.stopListening()
    await this.#listen(entry, record)
  }

  async #listen(entry: Entry, record: ListenerRecord): Promise<void> {
    const { environment, boundPorts } = this.#parts.settings
    try {
      entry.open.use(record, await this.#certificateOf(record))
    } catch {
      entry.open.stopListening()
      // The settings count all the same: no connection may be accepted by the earlier ones.
      entry.open.use(record, null)
      entry.error = 'certificate_unusable'
      return
    }
    if (!record.tls && !isLoopback(record.address) && !environment.allowsPlain) {
      entry.open.stopListening()
      entry.error = 'plain_not_allowed'
      return
    }
    entry.error = null
    entry.cause = null
    if (entry.open.isListening) return
    try {
      // A port that the system chose stays the same after a restart of the thread.
      await entry.open.listen({ port: record.port === 0 ? (boundPorts[record.id] ?? 0) : record.port })
    } catch (cause) {
      entry.error = readError(cause)
      entry.cause = cause instanceof Error ? cause : new Error(String(cause))
    }
  }

  async #certificateOf({ id, tls, certificate }: ListenerRecord): Promise<ServerCertificate | null> {
    if (!tls) return null
    if (certificate === null) return this.#common
    const own = await this.#parts.readCertificate(id)
    if (!own) throw new Error('The listener has no server certificate')
    return own
  }

  async #retry(): Promise<void> {
    const failed = [...this.#entries.values()].filter(({ error }) => error !== null)
    for (const entry of failed) await this.#listen(entry, entry.open.record)
    if (failed.some(({ error }) => error === null)) this.#parts.onChanged()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

export type FindRules = (listener: { id?: string | undefined; name: string }) => AcceptingListener | null

/** Finds the rules of a stored listener; by name for sessions of versions in which listeners had no id. Null: there is none. */
export function makeFindRules(records: readonly ListenerRecord[], environment: ListenerEnvironment): FindRules {
  const all = records.map((record) => rulesOf(applyEnvironment(record, environment).record))
  return ({ id, name }) => all.find((rules) => (id === undefined ? rules.name === name : rules.id === id)) ?? null
}

function viewOf({ record, rules, boundPort }: OpenListener): Listener {
  const { name, address, port, tls, purpose } = record
  return { name, purpose, address, port: boundPort ?? port, tls, clientCertificate: rules.clientCertificate }
}

const systemErrors: Record<string, ListenerError> = {
  EADDRINUSE: 'port_taken',
  EACCES: 'port_privileged',
  EADDRNOTAVAIL: 'address_unknown',
  ENOTFOUND: 'address_unknown',
  EAI_AGAIN: 'address_unknown',
}

function readError(error: unknown): ListenerError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return systemErrors[code] ?? 'unknown'
}
