/**
 * A script of an API user: `openapi-fetch`, with types that `openapi-typescript` generated from the document. It is
 * compiled and then run; each `@ts-expect-error` must find an error.
 */
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.gen.ts'

type Problem = components['schemas']['Problem']

export interface Story {
  made: components['schemas']['UserWritten']
  role: components['schemas']['Role']
  token: components['schemas']['TokenMade']
  pages: string[][]
  refusals: Record<string, Problem | undefined>
  seenByToken: number
}

export async function tellStory(baseUrl: string, credentials: { username: string; password: string }): Promise<Story> {
  const headers = { Cookie: await signIn(baseUrl, credentials), 'X-Requested-With': 'gatehouse' }
  const admin = createClient<paths>({ baseUrl, headers })

  const role = await admin.POST('/api/roles', {
    body: { name: 'generated', permissions: [{ context: 'mqtt', resource: 'line-7/#', operation: 'read' }] },
  })
  if (!role.data) throw new Error(role.error.code)
  const made = await admin.POST('/api/users', {
    body: { username: 'generated-1', grantTypes: [{ method: 'certificate' }], roles: [role.data.id] },
  })
  if (!made.data) throw new Error(made.error.code)
  for (const username of ['generated-2', 'generated-3']) await admin.POST('/api/users', { body: { username } })

  const token = await admin.POST('/api/tokens', {
    body: {
      label: 'made by a generated client',
      permissions: [{ context: 'http', resource: '/api/users/#', operation: 'read' }],
    },
  })
  if (!token.data) throw new Error(token.error.code)
  const script = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token.data.token}` } })

  return {
    made: made.data,
    role: role.data,
    token: token.data,
    pages: await readPages(script),
    refusals: await collectRefusals(admin, script, made.data),
    seenByToken: (await script.GET('/api/users')).data?.total ?? -1,
  }
}

type Client = ReturnType<typeof createClient<paths>>

async function signIn(baseUrl: string, body: { username: string; password: string }): Promise<string> {
  const anyone = createClient<paths>({ baseUrl, headers: { 'X-Requested-With': 'gatehouse' } })
  const { data, response } = await anyone.POST('/api/session', { body })
  if (data?.stage !== 'full') throw new Error(`The sign-in ends at ${data?.stage}`)
  return response.headers.getSetCookie().map((line) => line.split(';')[0])[0] ?? ''
}

async function readPages(script: Client): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | null | undefined
  do {
    const { data } = await script.GET('/api/users', {
      params: { query: { limit: 2, sort: '-username', search: 'generated', ...(cursor && { cursor }) } },
    })
    pages.push(data?.items.map(({ username }) => username) ?? [])
    cursor = data?.nextCursor
  } while (cursor)
  return pages
}

async function collectRefusals(
  admin: Client,
  script: Client,
  { id, version }: { id: string; version: number },
): Promise<Story['refusals']> {
  const params = { path: { id }, header: { 'If-Match': `"${version}"` } }
  const changed = await admin.PATCH('/api/users/{id}', { params, body: { displayName: 'First' } })
  const outdated = await admin.PATCH('/api/users/{id}', { params, body: { displayName: 'Second' } })
  const taken = await admin.POST('/api/users', { body: { username: 'GENERATED-1' } })
  const unknown = await admin.POST('/api/users', {
    // @ts-expect-error -- the document says which kinds there are, and so does the compiler
    body: { username: 'generated-4', kind: 'robot' },
  })
  // @ts-expect-error -- and no such filter
  const filter = await admin.GET('/api/users', { params: { query: { 'username[like]': 'x' } } })
  const forbidden = await script.DELETE('/api/users/{id}', { params: { path: { id } } })
  return {
    changed: changed.error,
    outdated: outdated.error,
    taken: taken.error,
    unknown: unknown.error,
    filter: filter.error,
    forbidden: forbidden.error,
  }
}
