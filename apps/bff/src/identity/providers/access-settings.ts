/** What the settings of a provider say about the access of its users between two sign-ins. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'

/** How many days a sign-in counts. Null: sweeps notice that a person has left, so a sign-in has no end. */
export function signInDaysOf({ kind, settings }: IdentityProvider): number | null {
  return kind === 'ldap' && settings.bind === 'service' ? null : settings.lastSignInDays
}

/** The settings that decide about the access of the users of a provider, as one text. Brokers follow a change of them. */
export function accessSettingsOf(provider: IdentityProvider): string {
  const { enabled, keepsCertificates } = provider
  return JSON.stringify([enabled, keepsCertificates, signInDaysOf(provider), allowsMqttPasswords(provider)])
}

export function allowsMqttPasswords({ kind, settings }: IdentityProvider): boolean {
  return kind === 'ldap' && settings.mqttPasswords
}
