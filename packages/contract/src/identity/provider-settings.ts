/** How Gatehouse reaches a directory (LDAP) or an OpenID provider, and where it finds names and groups there. */
import * as z from 'zod/mini'
import { line } from '../base.ts'

/** PEM of the CAs that sign the provider's certificate. Null: those of the system. */
const AuthoritiesPem = z.string().check(z.minLength(1, 'required'), z.maxLength(256 * 1024, 'too_long'))

/** How many days a sign-in counts: one in the console or by a script. MQTT does not count. */
const SignInDays = z.int().check(z.minimum(1, 'too_small'), z.maximum(365, 'too_large'))

/** The name of an attribute (RFC 4512 §1.4). */
const Attribute = z
  .string()
  .check(
    z.minLength(1, 'required'),
    z.maxLength(100, 'too_long'),
    z.regex(/^([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+)$/, 'invalid'),
  )

/** A distinguished name, or a search filter (RFC 4515). The server parses it. */
const Dn = line(1_000)
const Filter = line(1_000)

const LdapUrl = z
  .string()
  .check(
    z.maxLength(300, 'too_long'),
    z.regex(/^ldaps?:\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$/, 'invalid'),
  )

export const ldapGroupModes = ['search', 'memberOf', 'in-chain', 'attribute'] as const

const ldap = {
  /** Servers of the same directory. The next one is tried when one cannot be reached. */
  urls: z.array(LdapUrl).check(z.minLength(1, 'required'), z.maxLength(4, 'too_long')),
  /** `none` is accepted for a server on the same machine only. */
  tls: z.enum(['ldaps', 'starttls', 'none']),
  authorities: z.nullable(AuthoritiesPem),
  /**
   * `service`: a service account searches the person, whose password is then checked by a bind. `direct`: the DN of the person
   * is made of `userRdn`, the username and `searchBase`.
   */
  bind: z.enum(['service', 'direct']),
  /** For `service`. Its password is the secret of the provider. */
  bindDn: z.nullable(Dn),
  /** For `direct`: the attribute of the RDN, such as `uid`. */
  userRdn: z.nullable(Attribute),
  searchBase: Dn,
  /** Compared with the typed username, and the source of the username here. */
  usernameAttribute: Attribute,
  /** Who may sign in, besides the username. Null: everybody below `searchBase`. */
  userFilter: z.nullable(Filter),
  displayNameAttribute: z.nullable(Attribute),
  /** What identifies the person for good. `auto`: by what the directory says about itself. */
  idAttribute: z.enum(['auto', 'entryUUID', 'objectGUID']),
  /**
   * `search`: groups that name the person in `memberAttribute`. `memberOf`: an attribute of the person. `in-chain`: the rule of
   * Active Directory for nested groups. `attribute`: the values of `rolesAttribute` stand for groups.
   */
  groups: z.enum(ldapGroupModes),
  /** Null: `searchBase`. */
  groupBase: z.nullable(Dn),
  groupFilter: z.nullable(Filter),
  memberAttribute: Attribute,
  rolesAttribute: z.nullable(Attribute),
  /** For `search` and `memberOf`: groups of groups count too. */
  nestedGroups: z.boolean(),
  /** A filter that disabled persons match, besides the rules of Active Directory and of password policies. */
  disabledFilter: z.nullable(Filter),
  connectTimeoutMs: z.int().check(z.minimum(100, 'too_small'), z.maximum(30_000, 'too_large')),
  responseTimeoutMs: z.int().check(z.minimum(100, 'too_small'), z.maximum(60_000, 'too_large')),
  /** Persons sign in over MQTT with the directory's password too. */
  mqttPasswords: z.boolean(),
  /** How often disabled persons and changed groups are looked for. */
  sweepEveryMinutes: z.int().check(z.minimum(5, 'too_small'), z.maximum(1_440, 'too_large')),
  /** For `direct`, where no sweep notices that a person has left: as for OpenID providers. */
  lastSignInDays: SignInDays,
}

export const LdapSettings = z.strictObject(ldap)
export type LdapSettings = z.output<typeof LdapSettings>

export const LdapGiven = z.strictObject({
  ...ldap,
  tls: z._default(ldap.tls, 'ldaps'),
  authorities: z._default(ldap.authorities, null),
  bind: z._default(ldap.bind, 'service'),
  bindDn: z._default(ldap.bindDn, null),
  userRdn: z._default(ldap.userRdn, null),
  usernameAttribute: z._default(ldap.usernameAttribute, 'uid'),
  userFilter: z._default(ldap.userFilter, null),
  displayNameAttribute: z._default(ldap.displayNameAttribute, 'cn'),
  idAttribute: z._default(ldap.idAttribute, 'auto'),
  groups: z._default(ldap.groups, 'search'),
  groupBase: z._default(ldap.groupBase, null),
  groupFilter: z._default(ldap.groupFilter, null),
  memberAttribute: z._default(ldap.memberAttribute, 'member'),
  rolesAttribute: z._default(ldap.rolesAttribute, null),
  nestedGroups: z._default(ldap.nestedGroups, true),
  disabledFilter: z._default(ldap.disabledFilter, null),
  connectTimeoutMs: z._default(ldap.connectTimeoutMs, 3_000),
  responseTimeoutMs: z._default(ldap.responseTimeoutMs, 10_000),
  mqttPasswords: z._default(ldap.mqttPasswords, false),
  sweepEveryMinutes: z._default(ldap.sweepEveryMinutes, 60),
  lastSignInDays: z._default(ldap.lastSignInDays, 30),
})
export type LdapGiven = z.input<typeof LdapGiven>

/** Omitted settings stay unchanged. */
export const LdapChanges = z.partial(LdapSettings)

/** Plain HTTP is accepted for a provider on the same machine only. */
const Issuer = z
  .string()
  .check(
    z.maxLength(500, 'too_long'),
    z.regex(/^https?:\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?(\/[^\s?#]*)?$/, 'invalid'),
  )

/** A claim, or a path through claims such as `realm_access.roles`. */
const ClaimPath = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(200, 'too_long'), z.regex(/^[^\p{Cc}\s]+$/u, 'invalid'))

/** A scope (RFC 6749 §3.3), and values of `amr` and `acr`. */
const Token = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(200, 'too_long'), z.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'invalid'))

const oidc = {
  /** As the provider writes it in its tokens. */
  issuer: Issuer,
  clientId: line(300),
  scopes: z.array(Token).check(z.maxLength(20, 'too_long')),
  authorities: z.nullable(AuthoritiesPem),
  usernameClaim: ClaimPath,
  displayNameClaim: z.nullable(ClaimPath),
  /** The claim with the values that mappings name. Null: this provider gives no roles. */
  rolesClaim: z.nullable(ClaimPath),
  /** The provider's second factor counts where its token has one of these. Both empty: never. */
  acceptedAmr: z.array(Token).check(z.maxLength(20, 'too_long')),
  acceptedAcr: z.array(Token).check(z.maxLength(20, 'too_long')),
  /** Signing out here signs out at the provider too. */
  logoutAtProvider: z.boolean(),
  /** The provider may have an address of a private network. */
  mayBePrivate: z.boolean(),
  /** Tokens, MQTT passwords and sessions end when the last sign-in is older than this. */
  lastSignInDays: SignInDays,
}

export const OidcSettings = z.strictObject(oidc)
export type OidcSettings = z.output<typeof OidcSettings>

export const OidcGiven = z.strictObject({
  ...oidc,
  scopes: z._default(oidc.scopes, ['openid', 'profile']),
  authorities: z._default(oidc.authorities, null),
  usernameClaim: z._default(oidc.usernameClaim, 'preferred_username'),
  displayNameClaim: z._default(oidc.displayNameClaim, 'name'),
  rolesClaim: z._default(oidc.rolesClaim, 'roles'),
  acceptedAmr: z._default(oidc.acceptedAmr, []),
  acceptedAcr: z._default(oidc.acceptedAcr, []),
  logoutAtProvider: z._default(oidc.logoutAtProvider, false),
  mayBePrivate: z._default(oidc.mayBePrivate, false),
  lastSignInDays: z._default(oidc.lastSignInDays, 30),
})
export type OidcGiven = z.input<typeof OidcGiven>

/** Omitted settings stay unchanged. */
export const OidcChanges = z.partial(OidcSettings)
