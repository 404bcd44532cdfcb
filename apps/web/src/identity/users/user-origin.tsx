/** Where a user comes from: made here, or by an identity provider at the first sign-in. */
import { type IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toProvider } from '../../links.ts'
import { ChoiceFilter } from '../../ui/filters.tsx'
import { providersQuery } from '../providers/search.ts'

export type Origin = Pick<User, 'identityProvider'>

export function isLocal({ identityProvider }: Origin): boolean {
  return identityProvider === 'local'
}

/** The providers that the caller may read; undefined while they are loading, and for others. */
export function useProviders() {
  const { can } = useSession()
  const { data } = useQuery({ ...providersQuery, enabled: can(identityProviders.list) })
  return data?.items
}

type Provider = Pick<IdentityProvider, 'id' | 'kind' | 'name' | 'label'>

/** The provider of a user. Undefined: a local user, or a provider that the caller may not read. */
function originAmong(providers: readonly Provider[], user: Origin): Provider | undefined {
  return providers.find(({ kind, name }) => `${kind}:${name}` === user.identityProvider)
}

/** The label of the provider, or its short name where the caller may not read it. */
export function originName(providers: readonly Provider[], user: Origin): string {
  if (isLocal(user)) return t`Local`
  return originAmong(providers, user)?.label ?? user.identityProvider.replace(/^\w+:/, '')
}

export function useOriginName(user: Origin): string {
  return originName(useProviders() ?? [], user)
}

export function OriginName({ user }: { user: Origin }) {
  const providers = useProviders() ?? []
  const provider = originAmong(providers, user)
  const name = originName(providers, user)
  return provider ? <Link {...toProvider(provider.id)}>{name}</Link> : name
}

/** Only where there is something to choose. */
export function OriginFilter() {
  const providers = useProviders() ?? []
  if (providers.length === 0) return null
  return (
    <ChoiceFilter
      name="from"
      label={t`Origin`}
      options={[
        { value: 'local', label: t`Local` },
        ...providers.map(({ kind, name, label }) => ({ value: `${kind}:${name}`, label })),
      ]}
    />
  )
}
