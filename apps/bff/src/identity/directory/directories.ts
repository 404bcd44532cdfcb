/** All directories of this installation, with their open connections. */
import type { FieldCode } from '@gatehouse/contract/errors'
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import { maxProviders } from '@gatehouse/contract/identity/providers'
import { FilterParser } from 'ldapts'
import { LRUCache } from 'lru-cache'
import { Problem } from '../../platform/base/problem.ts'
import { areCertificates } from '../../platform/outbound/authorities.ts'
import { countAttempt } from '../passwords/attempts.ts'
import type { PasswordClaim, ProviderAccount, TestPerson } from '../providers/connector.ts'
import { readProviderSecret } from '../providers/store.ts'
import type { DirectoryAnswer, DirectoryQuestion } from '../users/directory-passwords.ts'
import { findAbsent } from './absent-people.ts'
import { Directory } from './directory.ts'
import { normalDn } from './dn.ts'
import { DirectoryFault } from './faults.ts'
import { type Listing, listPeople } from './list-people.ts'
import type { DirectoriesParts, LdapProvider } from './open-directories.ts'
import { describePerson, type FoundPerson, proveByDirectory } from './people.ts'
import { testDirectory } from './test-steps.ts'

/** Answers whose time is remembered, so that other refusals can take as long. */
const timedAnswers = 32
const longestRefusalMs = 5_000
const downForMs = 5 * 60_000

interface Open {
  version: number
  directory: Directory
  /** Why it could not be used when it was needed last. */
  problem: string | null
  /** By the clock of `performance`. */
  failedAt: number
}

export class Directories {
  readonly #parts: DirectoriesParts
  /** By provider. A changed provider gets new connections. The entries of deleted providers are evicted in time. */
  readonly #open = new LRUCache<string, Open>({ max: maxProviders, dispose: ({ directory }) => directory.close() })
  readonly #times: number[] = []

  constructor(parts: DirectoriesParts) {
    this.#parts = parts
  }

  /** Asks the directories in their order. */
  async ask(providers: readonly LdapProvider[], { username, password }: DirectoryQuestion): Promise<DirectoryAnswer> {
    const startedAt = performance.now()
    const answer = await this.#askEach(providers, { username, password })
    this.#times.push(performance.now() - startedAt)
    if (this.#times.length > timedAnswers) this.#times.shift()
    return answer
  }

  /** Could it not be used when it was needed last? An old answer does not count: it may be there again. */
  isDown({ id }: LdapProvider): boolean {
    const open = this.#open.get(id)
    return open?.problem != null && performance.now() - open.failedAt < downForMs
  }

  /** The longest of the last answers, and a little more. */
  slowestMs(): number {
    return Math.min(longestRefusalMs, 1.2 * Math.max(0, ...this.#times))
  }

  /** Filters, names and certificates that cannot be read, by the setting. */
  judge(settings: LdapSettings): Partial<Record<keyof LdapSettings, FieldCode>> {
    const { userFilter, groupFilter, disabledFilter, searchBase, groupBase, authorities } = settings
    const isGood = {
      userFilter: isFilter(userFilter),
      groupFilter: isFilter(groupFilter),
      disabledFilter: isFilter(disabledFilter),
      searchBase: normalDn(searchBase) !== null,
      groupBase: groupBase === null || normalDn(groupBase) !== null,
      authorities: authorities === null || areCertificates(authorities),
    }
    const wrong = Object.entries(isGood).filter(([, good]) => !good)
    return Object.fromEntries(wrong.map(([setting]) => [setting, 'invalid']))
  }

  /** A password counts as an attempt to sign in with this name. Throws `throttled`. */
  async test(
    { settings }: LdapProvider,
    secret: string | null,
    person: TestPerson | null,
  ): Promise<ProviderTestStep[]> {
    const { db, clock } = this.#parts
    const counted = person && person.password !== null ? await this.#count(person) : null
    const steps = await testDirectory({ settings, secret, person, now: clock.now() })
    const tried = steps.find(({ step }) => step === 'password')
    if (counted && tried?.problem !== 'wrong_password') {
      await db.transaction().execute(tried?.outcome === 'passed' ? counted.clear : counted.takeBack)
    }
    return steps
  }

  /** Throws `provider_unavailable`. */
  async describe(provider: LdapProvider, secret: string | null, username: string): Promise<ProviderAccount | null> {
    const now = this.#parts.clock.now()
    try {
      const found = await this.#usable(provider, secret, (directory) => describePerson(directory, { username, now }))
      return found && accountOf(provider, found)
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Counted as an attempt to sign in with this name. Throws `wrong_password`, `throttled` or `provider_unavailable`. */
  async prove({ provider, secret, username, password, request }: PasswordClaim<'ldap'>): Promise<ProviderAccount> {
    const { db, clock } = this.#parts
    const { clear, takeBack } = await this.#count({ username, source: request })
    const claim = { username, password, now: clock.now() }
    let found: FoundPerson | null
    try {
      found = await this.#usable(provider, secret, (directory) => proveByDirectory(directory, claim))
    } catch (error) {
      await db.transaction().execute(takeBack)
      throw unavailable(error)
    }
    if (!found) throw new Problem('wrong_password', { fields: { password: 'wrong_password' } })
    await db.transaction().execute(clear)
    return accountOf(provider, found)
  }

  /** Resolves with the number of persons. Rejects with `DirectoryFault` if the directory does not name everybody. */
  async list<K>(provider: LdapProvider, listing: Listing<K>): Promise<number> {
    const people = await this.use(provider, (directory) => listPeople(directory, listing))
    // The search base or the rights of the service account were changed, rather than that everybody left.
    if (people === 0) throw new DirectoryFault('person_not_found')
    return people
  }

  /** Searches for each of these subjects. Returns the subjects without an entry. Rejects with `DirectoryFault`. */
  async absent(provider: LdapProvider, subjects: readonly string[]): Promise<Set<string>> {
    return this.use(provider, (directory) => findAbsent(directory, subjects))
  }

  /** With the stored secret. Rejects with `DirectoryFault`. */
  async use<T>(provider: LdapProvider, act: (directory: Directory) => Promise<T>): Promise<T> {
    const { reader, keyring } = this.#parts
    return this.#usable(provider, await readProviderSecret(reader, keyring, provider.id), act)
  }

  close(): void {
    this.#open.clear()
  }

  async #count({ username, source }: Pick<TestPerson, 'username' | 'source'>) {
    const { db, clock } = this.#parts
    const counted = await countAttempt({ db, clock }, { secret: 'password', username, userId: null, source })
    if (counted.outcome === 'waiting') throw new Problem('throttled', { retryAfterSeconds: counted.waitSeconds })
    return counted
  }

  async #askEach(
    providers: readonly LdapProvider[],
    claim: Pick<DirectoryQuestion, 'username' | 'password'>,
  ): Promise<DirectoryAnswer> {
    let isUnavailable = false
    let isRefused = false
    const now = this.#parts.clock.now()
    for (const provider of providers) {
      try {
        const found = await this.use(provider, (directory) => proveByDirectory(directory, { ...claim, now }))
        if (found) return { outcome: 'right', account: accountOf(provider, found) }
        isRefused = true
      } catch (error) {
        if (!(error instanceof DirectoryFault)) throw error
        // Faults of the entry concern this person only.
        isUnavailable ||= !isOfEntry(error)
      }
    }
    return isUnavailable ? { outcome: 'unavailable', isRefused } : { outcome: 'wrong' }
  }

  async #usable<T>(
    provider: LdapProvider,
    secret: string | null,
    act: (directory: Directory) => Promise<T>,
  ): Promise<T> {
    const { log } = this.#parts
    const { name } = provider
    const open = this.#openFor(provider, secret)
    try {
      const result = await act(open.directory)
      if (open.problem !== null) log.info({ directory: name }, 'the directory answers again')
      open.problem = null
      return result
    } catch (error) {
      if (error instanceof DirectoryFault && !isOfEntry(error)) {
        if (open.problem !== error.problem)
          log.warn({ directory: name, problem: error.problem }, 'the directory cannot be used')
        open.problem = error.problem
        open.failedAt = performance.now()
      }
      throw error
    }
  }

  #openFor({ id, version, settings }: LdapProvider, secret: string | null): Open {
    const known = this.#open.get(id)
    if (known?.version === version) return known
    const open = { version, directory: new Directory({ settings, secret }), problem: null, failedAt: 0 }
    this.#open.set(id, open)
    return open
  }
}

function accountOf(provider: LdapProvider, found: FoundPerson): ProviderAccount {
  return { provider, ...found }
}

function isOfEntry({ problem }: DirectoryFault): boolean {
  return problem === 'several_persons' || problem === 'no_id_attribute' || problem === 'username_unusable'
}

function unavailable(error: unknown): unknown {
  return error instanceof DirectoryFault ? new Problem('provider_unavailable') : error
}

function isFilter(filter: string | null): boolean {
  if (filter === null) return true
  try {
    FilterParser.parseString(filter)
    return true
  } catch {
    return false
  }
}
