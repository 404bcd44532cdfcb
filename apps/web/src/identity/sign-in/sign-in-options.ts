/** How one can sign in here: the buttons of the sign-in page. They come with the page, so that nothing moves when they appear. */
import type { SignInProvider } from '@gatehouse/contract/identity/provider-names'
import { type SignInOptions, session } from '@gatehouse/contract/identity/sign-in'
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { callQuietly } from '../../api/client.ts'

/** A sign-in with the password must not depend on this answer. */
const passwordOnly: SignInOptions = { providers: [], passwordSignIn: true }

export const signInOptionsQuery = queryOptions<SignInOptions>({
  queryKey: [session.providers.id, {}],
  queryFn: ({ signal }) => callQuietly(session.providers, { signal }).catch(() => passwordOnly),
  staleTime: 60_000,
})

/** Holds what the server wrote into the page. */
export function holdSignInOptions(client: QueryClient, written: string): void {
  client.setQueryData(signInOptionsQuery.queryKey, JSON.parse(written) as SignInOptions)
}

export type NamedProvider = Pick<SignInProvider, 'name' | 'label'>

type Purpose = 'sign-in' | 'link' | 'step-up'

/** Where the sign-in at a provider starts, and the page that follows. It must be a link: the provider's page takes the place of this one. */
export function startAt(provider: string, purpose: Purpose, to: string): string {
  return `/api/auth/oidc/${encodeURIComponent(provider)}/start?${new URLSearchParams({ for: purpose, to })}`
}

/** The page that was asked for, where the person is after the sign-in. */
export function thisPage(): string {
  return location.pathname + location.search
}

/** The page of a tab that was opened only for the provider; see `done-page.tsx`. */
export const donePage = '/?done='

export function isDonePage(): boolean {
  return location.pathname === '/' && new URLSearchParams(location.search).has('done')
}

/** The code of a refusal at a provider. The way back from there is a link, so it comes in the fragment of the URL. */
export function refusalInUrl(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('sso')
}
