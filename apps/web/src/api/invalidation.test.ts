import { api, everyRoute } from '@gatehouse/contract/api'
import { operationOf } from '@gatehouse/contract/route'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { describe, expect, test } from 'vitest'
import { refreshAfter, staleAfter } from './invalidation.ts'

const changes = everyRoute.filter((route) => operationOf(route) === 'write')
const reads = new Set(everyRoute.filter((route) => operationOf(route) === 'read').map(({ id }) => id))

/** What no change alters, and files, which the browser fetches each time. */
const neverStale = [
  // A stream of events.
  'topics.watch',
  'permissions.catalogue',
  'userTransfer.export',
  'builtInAuthority.overlapBundle',
  'authorities.bundle',
  'authorities.builtIn',
  'authorities.download',
  'authorities.downloadDer',
  'clientCertificates.download',
  'revocationLists.download',
  // An event is written once and never changes.
  'audit.view',
]

test.each(changes.map(({ id }) => [id]))('%s names only reads of the contract', (id) => {
  expect(staleAfter({ id }).filter((stale) => !reads.has(stale))).toEqual([])
})

test('every read is made stale by some change, or never', () => {
  const stale = new Set<string>(changes.flatMap((route) => staleAfter(route)))
  expect([...reads].filter((id) => !stale.has(id) && !neverStale.includes(id))).toEqual([])
})

test('rejects a route that does not write', () => {
  expect(() => staleAfter(api.users.list)).toThrow('users.list')
})

describe('what a change alters beyond its own list', () => {
  test.each([
    [api.users.remove, [api.clientCertificates.list, api.revocations.list, api.roles.list, api.tokens.listOf]],
    [api.users.update, [api.broker.connections, api.authorities.list, api.session.view]],
    [api.roles.update, [api.users.list, api.session.view, api.permissions.accessOf]],
    [api.revocations.create, [api.clientCertificates.list, api.authorities.list, api.broker.connections]],
    [api.authorities.remove, [api.clientCertificates.list, api.revocationLists.list]],
    [api.settings.update, [api.session.passwordPolicy, api.clientCertificates.policy, api.users.list]],
    [api.users.create, [api.audit.list, api.overview.view]],
    // The mappings of a deleted role go with it, and a provider counts its users.
    [api.roles.remove, [api.identityProviders.list, api.identityProviders.view]],
    [api.users.remove, [api.identityProviders.list]],
    [api.userChanges.apply, [api.identityProviders.list]],
    // The caller may hold the role that is no longer mapped.
    [api.identityProviders.update, [api.session.view, api.users.view, api.roles.impact]],
    [api.identityProviders.sweep, [api.session.view, api.users.view]],
  ])('$id', (change, expected) => {
    expect(staleAfter(change)).toEqual(expect.arrayContaining(expected.map(({ id }) => id)))
  })
})

test('a list whose first fetch began before the change is fetched again', async () => {
  const client = new QueryClient()
  const first = Promise.withResolvers<string>()
  const answers = [first.promise, Promise.resolve('after')]
  const query = {
    queryKey: [api.users.list.id, {}],
    queryFn: () => answers.shift() ?? Promise.reject(new Error('third')),
  }
  const stop = new QueryObserver(client, query).subscribe(() => {})
  const refreshed = refreshAfter(client, api.users.remove)
  first.resolve('before')
  await refreshed
  expect(client.getQueryData(query.queryKey)).toBe('after')
  stop()
  client.clear()
})

test('data of a loader that was running at the change is stale, although no page shows it yet', async () => {
  const client = new QueryClient()
  const first = Promise.withResolvers<string>()
  const queryKey = [api.users.list.id, {}]
  const loaded = client.ensureQueryData({ queryKey, queryFn: () => first.promise })
  const refreshed = refreshAfter(client, api.users.remove)
  first.resolve('before')
  await Promise.all([loaded, refreshed])
  expect(client.getQueryState(queryKey)).toMatchObject({ data: 'before', isInvalidated: true })
  client.clear()
})
