/** What the settings of a provider say about the access of its users between two sign-ins. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'

/** How many days a sign-in counts. Null: sweeps notice that a person has left, so a sign-in has no end. */
export function signInDaysOf({ kind, settings }: IdentityProvider): number | null {
  return kind === 'ldap' && settings.bind === 'service' ? null : settings.lastSignInDays
}

/** What of a provider decides about the access of its users: brokers follow a change of it. */
export function accessSettingsOf(provider: IdentityProvider): string {
  const { enabled, keepsCertificates } = provider
  return JSON.stringify([enabled, keepsCertificates, signInDaysOf(provider), allowsMqttPasswords(provider)])
}

export function allowsMqttPasswords({ kind, settings }: IdentityProvider): boolean {
  return kind === 'ldap' && settings.mqttPasswords
}
