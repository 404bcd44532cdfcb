/** Which roles the groups of a person give. Pure, so that sign-in, sweep and preview agree. */

import type { MappedRole } from '@gatehouse/contract/identity/provider-previews'
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { normalDn } from '../directory/dn.ts'

type Mapped = Pick<IdentityProvider, 'mappings'> &
  (
    | Pick<Extract<IdentityProvider, { kind: 'ldap' }>, 'kind' | 'settings'>
    | Pick<Extract<IdentityProvider, { kind: 'oidc' }>, 'kind' | 'settings'>
  )

/** Each role once, with the sources of the mappings that give it. */
export function rolesFor(provider: Mapped, groups: readonly string[]): MappedRole[] {
  const keyOf = comparison(provider)
  const held = new Set(groups.map(keyOf))
  const sources = new Map<string, string[]>()
  for (const { source, roleId } of provider.mappings) {
    if (!held.has(keyOf(source))) continue
    sources.set(roleId, [...(sources.get(roleId) ?? []), source])
  }
  return [...sources].map(([roleId, because]) => ({ roleId, sources: because }))
}

/** Two sources are the same if this function returns the same text for both. */
export function comparison(provider: Mapped): (source: string) => string {
  // A claim is compared exactly (RFC 7519 §4). A directory ignores case in names (RFC 4518 §2).
  if (provider.kind === 'oidc') return (source) => source
  return provider.settings.groups === 'attribute' ? fold : dnKey
}

function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}

/** A text that is no DN is compared as text. */
function dnKey(dn: string): string {
  return normalDn(dn) ?? fold(dn)
}
