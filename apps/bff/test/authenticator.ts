/** An authenticator app for tests. It computes codes by RFC 6238 without our code or library. */
import { createHmac } from 'node:crypto'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type UserCreate, users } from '@gatehouse/contract/identity/users'
import { type Browser, goodPassword, type TestApp } from './app.ts'

export const stepMs = 30_000

type Clock = Pick<TestApp, 'now' | 'advance'>

export interface Phone {
  secret: string
  otpauthUri: string
  /** The code of the current step, or of a step before or after. */
  code(stepsAway?: number): string
  /** Moves to the next step and returns its code, which was not used yet. */
  next(): string
  /** Six digits that are not the code of a step nearby. */
  wrong(): string
}

export interface Enrolled {
  id: string
  username: string
  /** The browser in which the user enrolled, at stage `full`. */
  browser: Browser
  phone: Phone
  backupCodes: string[]
}

export function codeAt(secret: string, at: Date): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / stepMs)))
  const hash = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const at4 = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(at4) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}

export function makePhone(app: Clock, { secret, otpauthUri }: Pick<Phone, 'secret' | 'otpauthUri'>): Phone {
  const code = (stepsAway = 0) => codeAt(secret, new Date(app.now().getTime() + stepsAway * stepMs))
  return {
    secret,
    otpauthUri,
    code,
    next: () => {
      toNextStep(app)
      return code()
    },
    wrong: () => {
      const near = [-2, -1, 0, 1, 2].map(code)
      return ['000000', '111111', '222222', '333333', '444444', '555555'].find((one) => !near.includes(one)) ?? ''
    },
  }
}

/** Moves the clock to the beginning of the next step, so that the step does not change during the test. */
export function toNextStep(app: Clock): void {
  app.advance(stepMs - (app.now().getTime() % stepMs))
}

export async function signIn(
  app: Pick<TestApp, 'browser'>,
  username: string,
  password = goodPassword,
): Promise<Browser> {
  const browser = app.browser()
  await browser.call(session.signIn, { body: { username, password } })
  return browser
}

/** Signs the administrator in again, so that the session is open and the proof recent after a clock change. */
export async function freshAdmin(app: TestApp): Promise<Browser['call']> {
  return (await signIn(app, 'admin')).call
}

export async function makeUser(app: TestApp, username: string, more: Partial<Parameters<typeof asBody>[1]> = {}) {
  return (await freshAdmin(app))(users.create, { body: asBody(username, more) })
}

function asBody(username: string, more: Partial<UserCreate>): UserCreate {
  const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
  return { username, password: goodPassword, mustChangePassword: false, grantTypes, ...more }
}

/** Enrols the user of this browser. The user must have signed in recently. */
export async function enrol(app: TestApp, { call }: Browser): Promise<{ phone: Phone; backupCodes: string[] }> {
  const phone = makePhone(app, await call(mfa.enrol, {}))
  const { backupCodes } = await call(mfa.verify, { body: { code: phone.next() } })
  return { phone, backupCodes }
}

export async function makeEnrolled(app: TestApp, username: string): Promise<Enrolled> {
  const { id } = await makeUser(app, username)
  const browser = await signIn(app, username)
  return { id, username, browser, ...(await enrol(app, browser)) }
}

/** The outcomes of the calls, sorted: `admitted` or an error code. */
export async function endsOf(calls: Promise<unknown>[]): Promise<string[]> {
  const ends = await Promise.all(
    calls.map((call) =>
      call.then(
        () => 'admitted',
        ({ code }) => String(code),
      ),
    ),
  )
  return ends.toSorted()
}

/** Signs in with password and code. */
export async function signInWithCode(app: TestApp, { username, phone }: Enrolled): Promise<Browser> {
  const browser = await signIn(app, username)
  await browser.call(session.secondFactor, { body: { code: phone.next() } })
  return browser
}

export function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}

/** True: the call succeeded. */
export function attempt(calling: Promise<unknown>): Promise<boolean> {
  return calling.then(
    () => true,
    () => false,
  )
}
