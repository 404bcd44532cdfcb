/** What the sign-in page needs to know of identity providers. Apart from their settings, so that the page does not load these. */
import * as z from 'zod/mini'

export const ProviderKind = z.enum(['ldap', 'oidc'])
export type ProviderKind = z.output<typeof ProviderKind>

/** A part of `identityProvider` of users (`ldap:<name>`) and of paths. It never changes. */
export const ProviderName = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(40, 'too_long'), z.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'invalid'))

/** An identity provider on the sign-in page. */
export const SignInProvider = z.object({ name: ProviderName, kind: ProviderKind, label: z.string() })
export type SignInProvider = z.output<typeof SignInProvider>
