/** An authenticator app: Debian's `oathtool`, with the secret as a person would type it. */
import type { Call } from '@gatehouse/contract/client'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { succeed } from './outside.ts'

const stepSeconds = 30
const wrongStep = -120

export interface Authenticator {
  /** Returns the current code, or the one that is `steps` of 30 seconds away. The server accepts one step. */
  code: (stepsAway?: number) => Promise<string>
  /** Returns the code of an hour ago. */
  wrongCode: () => Promise<string>
}

export function openAuthenticator(secret: string): Authenticator {
  async function code(stepsAway = 0): Promise<string> {
    const now = Math.floor(Date.now() / 1_000) + stepsAway * stepSeconds
    return (await succeed('oathtool', ['--totp', '--base32', '--now', `@${now}`, secret])).trim()
  }
  return { code, wrongCode: () => code(wrongStep) }
}

/**
 * Enrols without the pages, for stories that begin afterwards. `call` uses the browser of that user, who has just
 * signed in.
 */
export async function enrol(call: Call): Promise<{ app: Authenticator; backupCodes: string[] }> {
  const { secret } = await call(mfa.enrol, {})
  const app = openAuthenticator(secret)
  const { backupCodes } = await call(mfa.verify, { body: { code: await app.code() } })
  return { app, backupCodes }
}
