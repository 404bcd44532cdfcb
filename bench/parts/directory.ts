/** Measures the sweep of a directory, a sign-in with its password, and a local sign-in while it does not answer. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { roles } from '@gatehouse/contract/access/roles'
import { createClient } from '@gatehouse/contract/client'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type Directory, hasDirectory, startDirectory, uuidOf } from '../../e2e/support/directory.ts'
import { watchTurns } from '../longest-turn.ts'
import type { Bench, Measured } from '../part.ts'
import { inTurn, makeRow, percentile, type Row } from '../row.ts'
import { admin, type Ours } from '../sides/gatehouse.ts'
import { type SlowProxy, startSlowProxy } from '../sides/slow-proxy.ts'

export const directory = { name: 'directory', run: measure }

/** Fewer than the wrong passwords of one address that close it. */
const held = 3
const hashedWithinMs = 2_000

async function measure(bench: Bench): Promise<Measured> {
  const { installations, few, say } = bench
  if (!hasDirectory) {
    say('skipped: slapd is not installed')
    return { rows: [] }
  }
  const people = few(10_000, 30)
  const slapd = await startDirectory({ people })
  const { port } = new URL(slapd.plainUrl)
  const proxy = await startSlowProxy({ host: 'localhost', port: Number(port) })
  try {
    const ours = await installations.start(few(1_000, 100))
    const url = `ldap://127.0.0.1:${proxy.port}`
    const providerId = await addProvider(ours, slapd, url)
    const signIn = await measureSignIn(bench, { ours, slapd, proxy })
    const local = await measureLocal(bench, { ours, slapd, proxy })
    addUsers(ours, { providerId, people })
    say('sweeps …')
    return { rows: [...(await measureSweep({ ours, slapd, providerId, people })), signIn, local] }
  } finally {
    proxy.stop()
    await slapd.stop()
  }
}

interface Sides {
  ours: Ours
  slapd: Directory
  proxy: SlowProxy
}

async function addProvider({ call }: Ours, slapd: Directory, url: string): Promise<string> {
  const { account, accountPassword, peopleBase, groupBase } = slapd
  const settings = {
    urls: [url],
    tls: 'none' as const,
    bindDn: account,
    searchBase: peopleBase,
    groupBase,
    responseTimeoutMs: 60_000,
    sweepEveryMinutes: 1_440,
  }
  const body = { kind: 'ldap' as const, name: 'bench', label: 'Bench', secret: accountPassword, settings }
  return (await call(identityProviders.create, { body })).id
}

/** As if each person had signed in once. */
function addUsers({ gatehouse }: Ours, { providerId, people }: { providerId: string; people: number }): void {
  const database = new DatabaseSync(join(gatehouse.dataFolder, 'gatehouse.db'), { timeout: 30_000 })
  const at = new Date().toISOString()
  const user = database.prepare(`insert into users
    (id, username, username_folded, identity_provider, kind, methods, created_at, version)
    values (?, ?, ?, 'ldap:bench', 'person', 1, ?, 1)`)
  const identity = database.prepare(`insert into user_identities
    (id, user_id, provider_id, subject, label, is_origin, linked_at) values (?, ?, ?, ?, ?, 1, ?)`)
  database.exec('begin immediate')
  for (let person = 0; person < people; person++) {
    const name = `person${person}`
    user.run(name, name, name, at)
    identity.run(name, name, providerId, uuidOf(person), name, at)
  }
  database.exec('commit')
  database.close()
}

interface Sweeping extends Omit<Sides, 'proxy'> {
  providerId: string
  people: number
}

/** All users get a role, so each of them is written. */
async function measureSweep({ ours, slapd, providerId: id, people }: Sweeping): Promise<Row[]> {
  const { call, gatehouse, inspectorPort } = ours
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'read' as const }]
  const role = await call(roles.create, { body: { name: 'bench-everybody', permissions } })
  const mappings = [{ source: `cn=everybody,${slapd.groupBase}`, roleId: role.id }]
  // Without the proxy, which is slow.
  const settings = { urls: [slapd.plainUrl] }
  const secret = slapd.accountPassword
  await call(identityProviders.update, { params: { id }, body: { kind: 'ldap', settings, secret, mappings } })
  const turns = await watchTurns(gatehouse.pid, inspectorPort)
  const startedAt = performance.now()
  const { changed } = await call(identityProviders.sweep, { params: { id } })
  const seconds = (performance.now() - startedAt) / 1_000
  const longestMs = await turns.stop()
  if (changed < people) throw new Error(`The sweep changed ${changed} of ${people} users`)
  const what = 'sweep of a directory in which the roles of all 10,000 people changed'
  return [
    makeRow({ name: `A ${what}`, unit: 's', target: 30 }, [seconds], null),
    makeRow({ name: `Longest turn of the event loop in a ${what}`, unit: 'ms', target: 50 }, [longestMs], null),
  ]
}

/** bob is in one group. The first sign-in makes the user and opens the connections. */
async function measureSignIn({ rounds, say }: Bench, { ours, slapd, proxy }: Sides): Promise<Row> {
  say('round trips …')
  const counts: number[] = []
  for (let round = 0; round <= rounds; round++) {
    proxy.takeRounds()
    await createClient({ baseUrl: ours.gatehouse.url })(session.signIn, {
      body: { username: 'bob', password: slapd.password },
    })
    if (round > 0) counts.push(proxy.takeRounds())
  }
  const name = 'Round trips of a sign-in with a directory, which has groups in groups, over connections that are open'
  return makeRow({ name, unit: 'round trips', target: 3 }, counts, null)
}

/** The same sign-ins without and with others that wait for the directory. */
async function measureLocal({ rounds, few, say }: Bench, { ours, slapd, proxy }: Sides): Promise<Row> {
  say('local sign-ins …')
  const { url } = ours.gatehouse
  const p95 = async () => {
    const seconds: number[] = []
    for (let done = 0; done < few(100, 3); done++) {
      const startedAt = performance.now()
      await createClient({ baseUrl: url })(session.signIn, { body: admin })
      seconds.push((performance.now() - startedAt) / 1_000)
    }
    return percentile(seconds, 0.95)
  }
  const beside = async () => {
    proxy.hold()
    const body = { username: 'alice', password: slapd.password }
    const waiting = Array.from({ length: held }, () => createClient({ baseUrl: url })(session.signIn, { body }))
    // Their passwords are hashed first.
    await wait(hashedWithinMs)
    const measured = await p95()
    proxy.release()
    await Promise.all(waiting)
    return measured
  }
  await p95()
  const { slow, alone } = await inTurn(rounds, { slow: beside, alone: p95 })
  const name = 'p95 of a local sign-in while a directory does not answer, beside the same without it'
  return makeRow({ name, unit: 's', target: 1.1 }, slow, alone)
}
