/**
 * Sends invalid input to every route of the contract, with its access rule satisfied. Each response must be a problem
 * with a code that the contract names, never an internal error, and must change nothing. The inputs are derived from
 * the schemas.
 */

import { roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { type ErrorCode, errors } from '@gatehouse/contract/errors'
import { users } from '@gatehouse/contract/identity/users'
import { errorsOf } from '@gatehouse/contract/openapi/refusals'
import { openSchemaBook } from '@gatehouse/contract/openapi/schemas'
import type { Route } from '@gatehouse/contract/route'
import { characterAt, characterCount } from '@gatehouse/pki/testing/characters'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { makeEnrolled } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { type BadInput, badBodies, badInputsOf, placesIn, replaced } from '../../../test/bad-inputs.ts'
import { nobodysParams, ourHeaders, sendRaw } from '../../../test/raw-request.ts'

const book = openSchemaBook()

let app: TestApp
let door: BackDoor
let cookie: string
let cookieBeforeCode: string
let victim: { user: string; role: string }
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const admin = await app.as('admin')
  const user = await admin(users.create, { body: { username: 'victim', grantTypes: [{ method: 'token' }] } })
  const role = await admin(roles.create, { body: { name: 'victims' } })
  victim = { user: user.id, role: role.id }
  await makeEnrolled(app, 'enrolled')
  cookie = await door.openSession('admin')
  cookieBeforeCode = await door.openSession('enrolled')
  await lookForChange()
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

function cookieFor({ access }: Route): string | undefined {
  if (access === 'anyone') return undefined
  return typeof access === 'string' || access.includes('full') ? cookie : cookieBeforeCode
}

/** Rows that a bad request could harm. */
function paramsOf(route: Route): Record<string, string> {
  const id = route.path.startsWith('/users/') ? victim.user : route.path.startsWith('/roles/') ? victim.role : null
  return { ...nobodysParams(route), ...(id !== null && { id }) }
}

async function send(route: Route, { params, query, body, headers }: BadInput) {
  const filled = { ...paramsOf(route), ...params }
  const path = route.path.replace(/:([a-zA-Z]+)/g, (_whole, name: string) => filled[name] ?? '')
  const address = { method: route.method, path: `/api${path}${query === undefined ? '' : `?${query}`}` }
  const sent = body ?? (route.body ? '{}' : undefined)
  return sendRaw(app, address, {
    cookie: cookieFor(route),
    headers: { ...ourHeaders, ...headers },
    ...(sent !== undefined && { body: sent }),
  })
}

/** Refusals that mean that a guard refused the call before its input was read. */
const atTheDoor: readonly (string | null)[] = [
  'not_signed_in',
  'stage_not_allowed',
  'not_permitted',
  'tokens_not_accepted',
  'proof_required',
  'cross_site',
] satisfies ErrorCode[]

/** Checks what all responses have in common and that nothing was written. Returns what is wrong. */
async function faultsOf(route: Route, inputs: readonly BadInput[]): Promise<string[]> {
  const faults: string[] = []
  for (const input of inputs) {
    const { answer, fault } = await judge(route, input)
    if (fault) faults.push(fault)
    const hasChanged = await lookForChange()
    if (hasChanged && answer.status >= 400 && !isNoted(answer.code)) faults.push(`${input.says} changed something`)
  }
  return faults
}

let seen = { commits: -1, everything: '' }

/** A commit does not prove a change: counters and the last use of a session are also written in the background. */
async function lookForChange(): Promise<boolean> {
  const commits = await door.commits()
  if (commits === seen.commits) return false
  const before = seen.everything
  seen = { commits, everything: await door.everything() }
  return seen.everything !== before
}

async function judge(route: Route, input: BadInput) {
  const answer = await send(route, input)
  const { status, code, headers, text } = answer
  const fault = (what: string) => ({ answer, fault: `${input.says} → ${status} ${code ?? text.slice(0, 100)}${what}` })
  if (status < 400 && !mustBeRefused(route, input)) return { answer, fault: null }
  if (status < 400 || status >= 500) return fault('')
  if (code === null || !(code in errors) || atTheDoor.includes(code))
    return fault('is not an expected response to invalid input')
  // An unknown path is not found; a broken percent escape is not even a path.
  const named: readonly string[] = [...errorsOf(route), ...(input.params ? ['invalid'] : [])]
  if (!named.includes(code)) return fault(', which the contract does not name')
  const { requestId } = JSON.parse(text) as { requestId: string }
  return requestId === headers.get('X-Request-Id') ? { answer, fault: null } : fault(' without its id')
}

/** The audit records failed proofs. */
function isNoted(code: string | null): boolean {
  return code !== null && ['wrong_credentials', 'wrong_password', 'wrong_code', 'throttled'].includes(code)
}

function mustBeRefused(route: Route, input: BadInput): boolean {
  return input.isBad || (input.body !== undefined && !isAccepted(route, input))
}

function isAccepted({ body: shape }: Route, { body }: BadInput): boolean {
  return shape?.safeParse(JSON.parse(String(body))).success === true
}

/** Of the certainly invalid inputs one in so many is sent. */
const oneIn = process.env['GATEHOUSE_TEST_ALL'] ? 6 : 12

/**
 * Sends every doubtful input, and some of the certainly invalid ones (different ones for each route): the guard is the
 * same for all, and the first test below checks each of them against the contract.
 */
function worthSending(route: Route): BadInput[] {
  const offset = everyRoute.indexOf(route)
  return badInputsOf(route, book).filter(({ isBad }, at) => !isBad || (at + offset) % oneIn === 0)
}

describe('bad input', () => {
  it('is rejected by the contract in every place', () => {
    const accepted = everyRoute.flatMap((route) =>
      badBodies(route, book).filter((input) => input.isBad && isAccepted(route, input)),
    )
    expect(accepted.map(({ says }) => says)).toEqual([])
  })

  it.each(everyRoute)('to $id', async (route) => {
    expect(await faultsOf(route, worthSending(route))).toEqual([])
  })
})

describe('arbitrary values in any place of any body', () => {
  it('are refused, or are valid', async () => {
    const spots = everyRoute.flatMap((route) => placesIn(route, book).map((place) => ({ route, place })))
    const character = fc.nat(characterCount - 1).map(characterAt)
    const text = fc.string({ unit: character, maxLength: 40 })
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, fc.array(text, { maxLength: 3 }))
    const tried = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...spots), value, async ({ route, place }, other) => {
        tried.add(route.id)
        const body = JSON.stringify(replaced(place.example, place.path, other))
        expect(await faultsOf(route, [{ says: `${route.id} ${body}`, body, isBad: false }])).toEqual([])
      }),
      { numRuns: 100, seed: 4_711 },
    )
    expect(tried.size).toBeGreaterThan(20)
  })
})
