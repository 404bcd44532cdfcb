/** Checks the password of an MQTT client: the local one, or that of the directory where its settings allow MQTT. */
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { isSignInTooOld } from '../identities/last-sign-in.ts'
import { findOriginSignIn } from '../identities/origin-sign-in-store.ts'
import { findNameThere } from '../identities/store.ts'
import type { PasswordKnown } from '../passwords/known-password.ts'
import { rememberAddress } from '../passwords/known-sources.ts'
import { isOwnAccount } from '../passwords/own-password.ts'
import { hasGrant } from '../sign-in/may-sign-in.ts'
import { type Credentials, findCredentials } from '../users/credentials-store.ts'
import { provePassword } from '../users/prove-password.ts'
import type { OpenDirectories } from './open-directories.ts'
import { RememberedPasswords } from './remembered-passwords.ts'

interface Parts {
  db: Db
  reader: Db
  clock: Clock
  directories: Pick<OpenDirectories, 'ask' | 'refusal' | 'mqttVersion'>
  passwordKnown: PasswordKnown
}

interface Attempt {
  username: string
  password: string
  address: string
}

/** `busy`: a directory does not answer, so the client may try again later. */
type Checked = 'right' | 'wrong' | 'throttled' | 'busy'
type Answer = Checked | { result: 'wrong' | 'busy'; lastsMs: number }

export function makeMqttPasswordCheck(parts: Parts): (attempt: Attempt) => Promise<Answer> {
  const remembered = new RememberedPasswords(parts.clock)
  return async (attempt) => {
    const { reader, directories } = parts
    const user = await findCredentials(reader, attempt.username)
    const version = user && (await directories.mqttVersion(user.identity_provider))
    const mayRemember = version && !(await hasSignInEnded(parts, user))
    const claim = user && mayRemember ? { ...attempt, credential: `${user.id} ${version}` } : null
    if (claim && remembered.has(claim)) return 'right'
    const checked = await check(parts, attempt, user)
    if (claim && checked === 'right') remembered.keep(claim)
    return checked === 'wrong' || checked === 'busy' ? refuse(parts, checked) : checked
  }
}

/** As at a sign-in in the console: neither the answer nor its time tells a user of a directory from others. */
async function refuse({ directories }: Parts, checked: 'wrong' | 'busy'): Promise<Answer> {
  const { lastsMs, isAnyDown } = await directories.refusal('mqtt')
  const result = isAnyDown ? 'busy' : checked
  return lastsMs === 0 ? result : { result, lastsMs }
}

async function check(
  { db, reader, clock, directories, passwordKnown }: Parts,
  { username, password, address }: Attempt,
  user: Credentials | null,
): Promise<Checked> {
  const nameThere = await findNameThere(reader, user)
  const source = { address, devices: [] }
  const claim = { secret: 'mqtt', username, password, user, source, nameThere } as const
  const proof = await provePassword({ db, clock, directories }, claim)
  if (proof.outcome === 'unavailable') {
    await db.transaction().execute(proof.settle)
    return 'busy'
  }
  if (proof.outcome !== 'right') return proof.outcome
  if (!user || !(await isOwnAccount(reader, user.id, proof.account))) return 'wrong'
  // The decision would refuse it too, but at once and with the attempt taken back: both would tell that the password is right.
  if (await hasSignInEnded({ reader, clock }, user)) return 'wrong'
  // Where this is false, the decision refuses the client with `disabled` or `no_password_grant`, as it does a local user. The client gets
  // this reason and return code 5, not 4, so a delay would not hide that the password is right.
  const mayConnect = user.disabled_at === null && hasGrant(user.grants, 'password')
  await db.transaction().execute(async (trx) => {
    await proof.settle(trx)
    if (mayConnect) await rememberAddress(trx, clock, { userId: user.id, kind: 'mqtt', address })
  })
  // Other brokers keep hashes of their own, which would outlive a change at the directory.
  if (mayConnect && proof.stored !== null) {
    passwordKnown({ userId: user.id, username, credential: proof.stored, password })
  }
  return 'right'
}

/** The last sign-in at the provider that the user comes from is too old, so its password counts no longer. */
async function hasSignInEnded(
  { reader, clock }: Pick<Parts, 'reader' | 'clock'>,
  user: Credentials | null,
): Promise<boolean> {
  if (user === null || user.identity_provider === 'local') return false
  return isSignInTooOld({ originSignIn: await findOriginSignIn(reader, user.id) }, clock)
}
