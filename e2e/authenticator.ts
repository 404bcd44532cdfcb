/** An authenticator app that nobody here wrote: Debian's `oathtool`, given the secret as a person would type it. */
import type { Call } from '@gatehouse/contract/client'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { succeed } from './outside.ts'

const stepSeconds = 30
const wrongStep = -120

export interface Authenticator {
  /** What it shows now; or so many steps of 30 seconds away, of which the server takes one. */
  code: (stepsAway?: number) => Promise<string>
  /** What it showed an hour ago. */
  wrongCode: () => Promise<string>
}

export function openAuthenticator(secret: string): Authenticator {
  async function code(stepsAway = 0): Promise<string> {
    const now = Math.floor(Date.now() / 1_000) + stepsAway * stepSeconds
    return (await succeed('oathtool', ['--totp', '--base32', '--now', `@${now}`, secret])).trim()
  }
  return { code, wrongCode: () => code(wrongStep) }
}

/** Enrols without the pages, for stories that begin after it. `call`: as the browser of that user, who has just signed in. */
export async function enrol(call: Call): Promise<{ app: Authenticator; backupCodes: string[] }> {
  const { secret } = await call(mfa.enrol, {})
  const app = openAuthenticator(secret)
  const { backupCodes } = await call(mfa.verify, { body: { code: await app.code() } })
  return { app, backupCodes }
}
