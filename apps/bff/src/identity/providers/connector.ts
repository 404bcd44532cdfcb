/** What each kind of identity provider does. `identity/directory` and `identity/single-sign-on` implement it. */

import type { FieldCode } from '@gatehouse/contract/errors'
import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import type { RequestInfo } from '../../platform/http/request.ts'
import type { Source } from '../passwords/known-sources.ts'

/** What a provider says of one person: after a proof, or found by a sweep. */
export interface ProviderAccount {
  provider: IdentityProvider
  /** What identifies the person there for good: never a name or an address. */
  subject: string
  /** As the entry or the claim has it. */
  username: string
  displayName: string | null
  isDisabled: boolean
  /** Group DNs, values of an attribute or of a claim. Null: the provider could not name them all. */
  groups: readonly string[] | null
}

/** A person to look for. The password is tried where it is given, and counts as an attempt from this source. */
export interface TestPerson {
  username: string
  password: string | null
  source: Source
}

export type ProviderOf<K extends ProviderKind> = Extract<IdentityProvider, { kind: K }>

export interface ProviderConnector<K extends ProviderKind> {
  /** What is wrong with the settings, by the name of the setting. It contacts no server. */
  judge(settings: ProviderOf<K>['settings']): Promise<Partial<Record<string, FieldCode>>>
  /** Tests the connection step by step, and looks for a person. A step after the first failed one is skipped. */
  test(provider: ProviderOf<K>, secret: string | null, person: TestPerson | null): Promise<ProviderTestStep[]>
  /**
   * What the provider says of the person now. Null: it does not know the person, or this kind cannot be asked. Throws
   * `provider_unavailable`.
   */
  describe(provider: ProviderOf<K>, secret: string | null, username: string): Promise<ProviderAccount | null>
  /**
   * Checks the person's password there, counted as an attempt. Throws `wrong_password` at the field `password`, `throttled` or
   * `provider_unavailable`. Null: this kind takes no passwords.
   */
  prove: null | ((claim: PasswordClaim<K>) => Promise<ProviderAccount>)
}

export interface PasswordClaim<K extends ProviderKind> {
  provider: ProviderOf<K>
  secret: string | null
  username: string
  password: string
  request: RequestInfo
}

export type ProviderConnectors = { [K in ProviderKind]: ProviderConnector<K> }
