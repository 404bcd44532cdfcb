/** Field names and values as text, for the audit and for edit conflicts. */

import { Permission } from '@gatehouse/contract/access/permission'
import { GrantType } from '@gatehouse/contract/identity/users'
import type { AuditField } from '@gatehouse/contract/operations/audit'
import { t } from '@lingui/core/macro'
import { permissionSentence } from '../../access/permissions/permission-words.ts'
import { kindWords as brokerKindWords } from '../../brokers/inventory/broker-words.ts'
import {
  clientCertificateWords,
  identityWords,
  proxyWords,
  purposeWords,
} from '../../brokers/listeners/listener-words.ts'
import { authenticationWords, kindWords as upstreamKindWords } from '../../brokers/upstreams/upstream-words.ts'
import { revocationReasonWords } from '../../certificates/revocations/revocation-words.ts'
import { kindWords as providerKindWords } from '../../identity/providers/provider-words.ts'
import { methodNames } from '../../identity/users/user-impact.ts'
import { formatExactTime } from '../../messages/format.ts'
import type { ValueWords } from '../../ui/value-words.ts'
import { expiredWords, policyNames, requiredForWords } from '../settings/policy-words.ts'

/** A new field of the audit without a name here does not compile. */
const auditFieldNames: Record<AuditField, string> = {
  name: t`Name`,
  label: t`Label`,
  description: t`Description`,
  notes: t`Notes`,
  note: t`Note`,
  reason: t`Reason`,
  kind: t`Kind`,
  displayName: t`Display name`,
  username: t`Username`,
  user: t`User`,
  users: t`Users affected`,
  usernames: t`Allowed usernames`,
  roles: t`Roles`,
  permissions: t`Permissions`,
  grantTypes: t`Signs in with`,
  tags: t`Tags`,
  mqttPublishPrefix: t`MQTT publish prefix`,
  disabledAt: t`Disabled since`,
  mfaRequired: t`MFA required`,
  mustChange: t`Must be changed at the next sign-in`,
  secondFactor: t`MFA method`,
  left: t`Backup codes left`,
  ended: t`Sessions ended`,
  endedTokens: t`Tokens ended`,
  expiresAt: t`Expires`,
  withdrawnAt: t`Trust withdrawn since`,
  builtIn: t`Built-in`,
  subject: t`Subject`,
  issuer: t`Issuer`,
  issuerKey: t`SHA-256 of the issuer’s key`,
  serialNumber: t`Serial number`,
  fingerprint: t`SHA-256 fingerprint`,
  keyAlgorithm: t`Key algorithm`,
  notAfter: t`Expires`,
  renews: t`Renews the certificate`,
  number: t`CRL number`,
  thisUpdate: t`Issued`,
  nextUpdate: t`Next update`,
  count: t`Revoked certificates`,
  clientId: t`Client id`,
  address: t`Address`,
  purpose: t`Protocol`,
  port: t`Port`,
  tls: t`TLS`,
  clientCertificate: t`Client certificate`,
  minimumTlsVersion: t`Minimum TLS version`,
  trustedAuthorities: t`Trusted CAs (SHA-256)`,
  identity: t`Identified by`,
  proxyVersions: t`PROXY protocol`,
  proxies: t`Proxies`,
  broker: t`Broker`,
  brokerListeners: t`Listeners of the broker`,
  namespace: t`Namespace`,
  secret: t`Secret`,
  contentHash: t`Hash of the content`,
  allowedOrigins: t`Allowed origins`,
  maxConnections: t`Maximum connections`,
  serverCertificate: t`Own server certificate (SHA-256)`,
  host: t`Host`,
  brokerAuthorities: t`CAs of the broker (SHA-256)`,
  brokerSettings: t`Settings`,
  credentialsChanged: t`Password changed`,
  authority: t`CA (SHA-256)`,
  maxPerHour: t`At most per hour`,
  maxTotal: t`At most in all`,
  enabled: t`Enabled`,
  admissionRule: t`Admission rule`,
  upstream: t`Upstream`,
  identityProvider: t`Identity provider`,
  mappings: t`Role mappings`,
  mfaForNew: t`MFA required for new users`,
  position: t`Position`,
  providerSettings: t`Settings of the identity provider`,
  origin: t`Address of the upstream`,
  authentication: t`Authentication`,
  connectTimeoutMs: t`Time to connect (ms)`,
  responseTimeoutMs: t`Time to answer (ms)`,
  idleTimeoutMs: t`Idle time (ms)`,
  maxRequestBytes: t`Largest request (bytes)`,
  identityAttribute: t`Identity attribute`,
  since: t`Connected since`,
  subscriptions: t`Subscriptions`,
  queued: t`Queued messages`,
  bytes: t`Payload in bytes`,
  qos: t`QoS`,
  retain: t`Retained`,
  weakened: t`Weakened policies`,
  format: t`File format`,
  deleted: t`Deleted entries`,
  keptSince: t`Kept since`,
  authorities: t`CA certificates`,
  crls: t`CRLs`,
  lost: t`Lost lines`,
}

const fields: Readonly<Record<string, string>> = {
  ...policyNames,
  ...auditFieldNames,
  limitedBy: t`Limited by`,
  'limitedBy.id': t`Limited by (id)`,
  'limitedBy.username': t`Limited by`,
  // Of the forms, for edit conflicts.
  isEnabled: t`Enabled`,
  trusts: t`Trusted CAs`,
  certificateFrom: t`Server certificate`,
  'proxyProtocol.versions': t`PROXY protocol`,
  'proxyProtocol.from': t`Proxies`,
}

const filterOf = /^filters\./

/** Filters are named as in the API. So is a field that only an earlier version recorded. */
function fieldNameWords(field: string): string {
  return fields[field] ?? (filterOf.test(field) ? t`Filter ${field.replace(filterOf, '')}` : field)
}

/** Values that the API names in English. */
const named: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kind: { ...upstreamKindWords, ...brokerKindWords, ...providerKindWords, person: t`Person`, machine: t`Device` },
  purpose: purposeWords,
  clientCertificate: clientCertificateWords,
  identity: identityWords,
  proxyVersions: proxyWords,
  'proxyProtocol.versions': proxyWords,
  authentication: authenticationWords,
  'crl.whenExpired': expiredWords,
  'mfa.requiredFor': requiredForWords,
  'audit.keepDays': { never: t`Never` },
  reason: { ...revocationReasonWords, deleted: t`User deleted`, denied: t`Denied` },
}

/** A value as lines: one for each member of a list, none where there is nothing. */
function valueLines(value: unknown, field: string): string[] {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value)) return value.flatMap((member) => valueLines(member, field))
  return [(typeof value === 'string' && named[field]?.[value]) || scalarWords(value)]
}

/** Groups as their fields, by path: `password.min`. Permissions and grants are not split. */
function fieldsOf(facts: object): [path: string, value: unknown][] {
  return Object.entries(facts).flatMap(([name, value]): [string, unknown][] =>
    isGroup(value) ? fieldsOf(value).map(([path, inner]) => [`${name}.${path}`, inner]) : [[name, value]],
  )
}

function isGroup(value: unknown): value is object {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && !Permission.safeParse(value).success && !GrantType.safeParse(value).success
}

function scalarWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? t`yes` : t`no`
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? formatExactTime(value) : value
  const permission = Permission.safeParse(value)
  if (permission.success) return permissionSentence(permission.data)
  const grant = GrantType.safeParse(value)
  if (grant.success) return grantWords(grant.data)
  return JSON.stringify(value)
}

function grantWords({ method, isRequired }: GrantType): string {
  const name = methodNames[method]
  return isRequired ? t`${name} (required)` : name
}

export const valueWords: ValueWords = { fieldName: fieldNameWords, lines: valueLines, fieldsOf }
