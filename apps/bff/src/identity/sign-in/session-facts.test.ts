/** What the session view says at each stage, and what an enrolment in an open session needs. */
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { generateSync } from 'otplib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'

const elevenMinutesMs = 11 * 60_000
let app: TestApp
let nowMs = Date.now()
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

function advance(byMs: number): void {
  nowMs += byMs
  app.advance(byMs)
}

function codeOf(secret: string): string {
  return generateSync({ secret, epoch: Math.floor(nowMs / 1_000) })
}

async function signIn(browser: Browser, username: string) {
  return browser.call(session.signIn, { body: { username, password: goodPassword } })
}

it('reveals the second factor only after the code', async () => {
  const admin = await app.as('admin')
  const { id } = await admin(users.create, {
    body: { username: 'ada', password: goodPassword, mustChangePassword: false },
  })
  const browser = app.browser()
  expect(await signIn(browser, 'ada')).not.toHaveProperty('mfaEnabled')
  const { secret } = await browser.call(mfa.enrol, {})
  await browser.call(mfa.verify, { body: { code: codeOf(secret) } })
  expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full', mfaEnabled: true })

  expect(await signIn(browser, 'ada')).toEqual({ stage: 'mfa-required' })
  advance(30_000)
  await browser.call(session.secondFactor, { body: { code: codeOf(secret) } })
  await admin(users.setPassword, { params: { id }, body: { newPassword: goodPassword } })
  await signIn(browser, 'ada')
  advance(30_000)
  const answer = await browser.call(session.secondFactor, { body: { code: codeOf(secret) } })
  expect(answer).toEqual({ stage: 'password-change-required', mfaEnabled: true })
})

it('shows the notice of a reset also when a new enrolment is due first', async () => {
  const admin = await app.as('admin')
  const { id } = await admin(users.create, {
    body: { username: 'bob', password: goodPassword, mustChangePassword: false, mfaRequired: true },
  })
  const browser = app.browser()
  expect(await signIn(browser, 'bob')).toEqual({ stage: 'mfa-enrolment-required' })
  const { secret } = await browser.call(mfa.enrol, {})
  await browser.call(mfa.verify, { body: { code: codeOf(secret) } })
  await admin(mfa.reset, { params: { id }, body: {} })
  expect(await signIn(browser, 'bob')).toEqual({ stage: 'mfa-enrolment-required', notice: 'mfa-reset' })
})

it('accepts a fresh password proof for a demanded enrolment, and nothing else', async () => {
  const admin = await app.as('admin')
  const { id } = await admin(users.create, {
    body: { username: 'cyd', password: goodPassword, mustChangePassword: false },
  })
  const browser = app.browser()
  await signIn(browser, 'cyd')
  advance(elevenMinutesMs)
  await browser.call(session.view, {})
  await admin(session.prove, { body: { password: goodPassword } })
  await admin(users.update, { params: { id }, body: { mfaRequired: true } })
  await refused(browser.call(mfa.enrol, {}), 'proof_required')
  await refused(browser.call(session.prove, { body: { password: 'not the password' } }), 'wrong_password')
  await refused(browser.call(mfa.enrol, {}), 'proof_required')
  await browser.call(session.prove, { body: { password: goodPassword } })
  expect(await browser.call(session.view, {})).toEqual({ stage: 'mfa-enrolment-required' })
  await browser.call(mfa.enrol, {})
})
