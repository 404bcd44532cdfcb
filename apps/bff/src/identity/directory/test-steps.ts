/** Tests a directory step by step and names the first step that failed. Nothing is changed, here or there. */
import type { Socket } from 'node:net'
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import { Username } from '@gatehouse/contract/identity/users'
import { PresenceFilter } from 'ldapts'
import type { TestPerson } from '../providers/connector.ts'
import type { DirectoryConnection } from './connection.ts'
import { bindService, type DirectoryAccess, type Searching, searchingOn } from './directory.ts'
import type { Person } from './entry.ts'
import { DirectoryFault, type DirectoryProblem } from './faults.ts'
import { groupsOf } from './groups.ts'
import { connectTo, type DirectoryTarget, resolveTarget, secure } from './open-connection.ts'
import { anything, directDn, findPerson, matchesDisabled, personFilter, readOwn, requireState } from './people.ts'
import { targetsOf } from './targets.ts'

interface Tested extends DirectoryAccess {
  person: TestPerson | null
  now: Date
}

type Step = ProviderTestStep['step']

/** The result of a step: what to show beside it, or `skipped` if it does not apply. */
type Outcome = { detail: string | null } | 'skipped'
const skipped = 'skipped'

/** Every server of the directory has to pass. The steps are those of the first that fails, or of the last one. */
export async function testDirectory(tested: Tested): Promise<ProviderTestStep[]> {
  let steps: ProviderTestStep[] = []
  for (const target of targetsOf(tested.settings)) {
    steps = await testServer(target, tested)
    if (steps.some(({ outcome }) => outcome === 'failed')) break
  }
  return steps
}

async function testServer(target: DirectoryTarget, tested: Tested): Promise<ProviderTestStep[]> {
  const run = new Run()
  let addresses: string[] = []
  let socket: Socket | null = null
  let connection: DirectoryConnection | null = null
  try {
    await run.step('address', async () => {
      addresses = await resolveTarget(target)
      return { detail: target.host }
    })
    await run.step('tcp', async () => {
      socket = await connectTo(target, addresses)
      return { detail: `${target.host}:${target.port}` }
    })
    await run.step('tls', async () => {
      if (socket) connection = await secure(target, socket)
      return target.tls === 'none' ? skipped : { detail: null }
    })
    await testSearches(run, connection, tested)
  } finally {
    ;(connection as DirectoryConnection | null)?.close()
    ;(socket as Socket | null)?.destroy()
  }
  return run.steps
}

async function testSearches(run: Run, connection: DirectoryConnection | null, tested: Tested): Promise<void> {
  const { settings, person: asked } = tested
  let searching: Searching | null = null
  let found: Person | null = null
  await run.step('credentials', async () => {
    if (settings.bind === 'direct') return skipped
    if (connection && !(await bindService(connection, tested))) throw new DirectoryFault('wrong_secret')
    return { detail: null }
  })
  // Without a service account the person has to bind before anything can be read.
  if (settings.bind === 'direct') await run.step('password', () => testPassword(connection, tested, null))
  await run.step('directory', async () => {
    if (!connection || !canRead(tested)) return skipped
    searching = await searchingOn(connection, settings)
    await requireBase(searching, settings.searchBase)
    if (settings.groupBase !== null) await requireBase(searching, settings.groupBase)
    return { detail: searching.server.isActiveDirectory ? 'Active Directory' : 'LDAP' }
  })
  await run.step('person', async () => {
    if (!searching) return skipped
    if (!asked) return countSome(searching, settings)
    found = await findTested(searching, tested)
    return { detail: found.username }
  })
  if (settings.bind === 'service') await run.step('password', () => testPassword(connection, tested, found))
  await run.step('groups', async () => (searching && found ? testGroups(searching, settings, found) : skipped))
}

/** With direct binds only a person can read. */
function canRead({ settings, person }: Tested): boolean {
  return settings.bind === 'service' || (person !== null && person.password !== null)
}

async function requireBase({ search }: Searching, base: string): Promise<void> {
  const found = await search({ base, scope: 'base', filter: anything, attributes: ['1.1'], limit: 1 })
  if (found.length === 0) throw new DirectoryFault('not_permitted_there')
}

/** Is there anybody who may sign in? */
async function countSome({ search }: Searching, settings: LdapSettings): Promise<Outcome> {
  const { searchBase: base, usernameAttribute: attribute } = settings
  const filter = personFilter(settings, new PresenceFilter({ attribute }))
  const some = await search({ base, scope: 'sub', filter, attributes: ['1.1'], limit: 10 })
  if (some.length === 0) throw new DirectoryFault('person_not_found')
  return { detail: null }
}

async function findTested(searching: Searching, { settings, person, now }: Tested): Promise<Person> {
  const username = person?.username ?? ''
  const found =
    settings.bind === 'direct'
      ? await readOwn(searching, settings, { dn: directDn(settings, username), now })
      : await findPerson(searching, settings, { username, now })
  if (!found) throw new DirectoryFault('person_not_found')
  if (!Username.safeParse(found.username).success) throw new DirectoryFault('username_unusable')
  requireState(searching, found)
  if (found.isDisabled || (await matchesDisabled(searching, settings, found)))
    throw new DirectoryFault('account_disabled')
  return found
}

async function testPassword(
  connection: DirectoryConnection | null,
  { settings, person: asked }: Tested,
  found: Person | null,
): Promise<Outcome> {
  if (!connection || !asked || asked.password === null) return skipped
  const dn = found?.dn ?? directDn(settings, asked.username)
  if (!(await connection.bind(dn, asked.password))) throw new DirectoryFault('wrong_password')
  return { detail: asked.username }
}

async function testGroups({ search, server }: Searching, settings: LdapSettings, person: Person): Promise<Outcome> {
  const groups = await groupsOf({ settings, server, search }, person)
  if (!groups) throw new DirectoryFault('groups_not_readable')
  return { detail: String(groups.length) }
}

/** The steps so far. After a failed one the others are skipped. */
class Run {
  readonly steps: ProviderTestStep[] = []

  async step(step: Step, act: () => Promise<Outcome>): Promise<void> {
    const hasFailed = this.steps.some(({ outcome }) => outcome === 'failed')
    this.steps.push(hasFailed ? { step, outcome: skipped, problem: null, detail: null } : await take(step, act))
  }
}

async function take(step: Step, act: () => Promise<Outcome>): Promise<ProviderTestStep> {
  try {
    const outcome = await act()
    return outcome === skipped
      ? { step, outcome, problem: null, detail: null }
      : { step, outcome: 'passed', problem: null, ...outcome }
  } catch (error) {
    const problem: DirectoryProblem = error instanceof DirectoryFault ? error.problem : 'unexpected_answer'
    return { step, outcome: 'failed', problem, detail: null }
  }
}
