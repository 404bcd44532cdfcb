/**
 * Checks which answers may be compressed. The length of a compressed answer reveals secrets in it (BREACH,
 * CVE-2013-3587).
 */
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { api, everyRoute } from './api.ts'
import { isFileAnswer, type Route } from './route.ts'
import { secret, secrets } from './secret.ts'

const compressed = everyRoute.filter((route) => route.compressed)
const idsOf = (routes: readonly Route[]) => routes.map(({ id }) => id)

/** Returns the names of all fields of the answer, and whether one of them is marked as a secret. */
function fieldsOf({ answer }: Pick<Route, 'answer'>): { names: string[]; isSecret: boolean } {
  if (answer === null || isFileAnswer(answer)) return { names: [], isSecret: false }
  const json = z.toJSONSchema(answer, { io: 'output', metadata: secrets, unrepresentable: 'any' })
  const names: string[] = []
  let isSecret = false
  JSON.stringify(json, (key, value: unknown) => {
    if (key === 'isSecret') isSecret = true
    if (key === 'properties') names.push(...Object.keys(value as object))
    return value
  })
  return { names, isSecret }
}

function isList(route: Route): boolean {
  return fieldsOf(route).names.includes('nextCursor') || (route.exports ?? []).length > 0
}

// Names that sound like a secret but only tell whether there is one.
const harmless = new Set(['hasPassword', 'mustChangePassword'])

test('marks every answer with a secret, and compresses none of them', () => {
  const withSecrets = everyRoute.filter((route) => fieldsOf(route).isSecret)
  expect(idsOf(withSecrets)).toEqual([
    'session.login',
    'mfa.enrol',
    'mfa.verify',
    'mfa.regenerate',
    'tokens.create',
    'enforcers.enrol',
  ])
  expect(idsOf(withSecrets.filter((route) => route.compressed))).toEqual([])
})

test('compresses no answer with a field that is named like a secret', () => {
  const names = compressed.flatMap((route) => fieldsOf(route).names)
  const suspicious = names.filter((name) =>
    /secret|token|password|passphrase|code|otp|private|cookie|nonce/i.test(name),
  )
  expect(suspicious.filter((name) => !harmless.has(name))).toEqual([])
})

test('finds a secret anywhere in an answer', () => {
  for (const answer of [
    z.object({ items: z.array(z.object({ deep: secret() })) }),
    z.object({ perhaps: z.optional(z.nullable(secret())) }),
    z.union([z.object({ other: z.string() }), z.object({ byKind: z.record(z.string(), secret()) })]),
  ])
    expect(fieldsOf({ answer })).toMatchObject({ isSecret: true })
})

test('compresses only GET routes that require a permission or a session', () => {
  for (const route of compressed)
    expect([route.id, route.method, /^(signed-in|permitted)$/.test(String(route.access))]).toEqual([
      route.id,
      'GET',
      true,
    ])
})

test('compresses no answer about sessions, second factors or tokens', () => {
  const own = [api.session, api.sessions, api.mfa, api.tokens].flatMap((feature) => Object.values<Route>(feature))
  expect(idsOf(own.filter((route) => route.compressed))).toEqual([])
})

test('compresses every other list and export', () => {
  const plain = everyRoute.filter((route) => isList(route) && !route.compressed)
  expect(idsOf(plain)).toEqual(['tokens.list', 'tokens.listOf'])
})
