/** What a session keeps of the provider that it began at: its id there, and what signing out there needs. */
import type { Keyring } from '../../platform/base/keyring.ts'
import { hashSecret } from '../../platform/base/secret.ts'

/** Entra ID makes tokens of 1 to 2 kB; with many groups up to 10 kB. */
export const maxIdTokenLength = 8_192

export interface SignOutAtProvider {
  /** Null: it was too long to keep. The provider then asks the person whether to sign out. */
  idToken: string | null
  returnTo: string
}

/** A provider chooses the ids of its sessions, so they are unique with its own id only. */
export function sidHash(providerId: string, sid: string): string {
  return hashSecret(`${providerId} ${sid}`)
}

export function boxSignOut(keyring: Keyring, facts: SignOutAtProvider): string {
  return keyring.encrypt(JSON.stringify(facts), boxedAs)
}

export function openSignOut(keyring: Keyring, box: string): SignOutAtProvider {
  return JSON.parse(keyring.decrypt(box, boxedAs)) as SignOutAtProvider
}

const boxedAs = 'sign-out at a provider'
