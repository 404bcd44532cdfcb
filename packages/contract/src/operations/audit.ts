/** The audit log: who did what, when and from where, with the values before and after. */
import * as z from 'zod/mini'
import { ById, GivenTime, Id, Time } from '../base.ts'
import { listSearch, page, SearchText } from '../paging.ts'
import { defineRoutes, type ExportFormat } from '../route.ts'
import type { Settings } from './settings.ts'

/** `thing.past-participle`. The console has a text for each. */
export const auditActions = [
  'installation.created',
  'installation.copied',
  'session.begun',
  'session.signed-in',
  'session.refused',
  'session.signed-out',
  'session.proved',
  'session.ended',
  'token.created',
  'token.refused',
  'token.revoked',
  'password.changed',
  'password.set',
  'mfa.enabled',
  'mfa.enrolment-refused',
  'mfa.disabled',
  'mfa.reset',
  'backup-code.used',
  'backup-codes.regenerated',
  'settings.updated',
  'settings.weakened',
  'user.created',
  'user.updated',
  'user.disabled',
  'user.enabled',
  'user.deleted',
  'user.unlocked',
  'address.unlocked',
  'users.exported',
  'role.created',
  'role.updated',
  'role.deleted',
  'authority.added',
  'authority.updated',
  'authority.withdrawn',
  'authority.restored',
  'authority.deleted',
  'authority.confirmed',
  'authority.declined',
  'certificate.issued',
  'certificate.revoked',
  'certificate.reinstated',
  'crl.uploaded',
  'crl.deleted',
  'authority.replaced',
  'connection.closed',
  'mqtt-session.deleted',
  'retained.cleared',
  'decisions.exported',
  'audit.exported',
  'audit.pruned',
] as const
export const AuditAction = z.enum(auditActions)
export type AuditAction = z.output<typeof AuditAction>

export const auditTargets = [
  'installation',
  'address',
  'session',
  'token',
  'user',
  'role',
  'authority',
  'certificate',
  'connection',
  'mqtt-session',
  'retained',
  'decisions',
  'settings',
  'audit',
] as const

/** What an event may record in `before` and `after`. The console has a text for each. */
export const auditFields = [
  'name',
  'label',
  'description',
  'notes',
  'note',
  'reason',
  'kind',
  'displayName',
  'username',
  'user',
  'users',
  'usernames',
  'roles',
  'permissions',
  'grantTypes',
  'tags',
  'mqttPublishPrefix',
  'disabledAt',
  'mfaRequired',
  'mustChange',
  'secondFactor',
  'left',
  'ended',
  'endedTokens',
  'expiresAt',
  'withdrawnAt',
  'builtIn',
  'subject',
  'issuer',
  'issuerKey',
  'serialNumber',
  'fingerprint',
  'keyAlgorithm',
  'notAfter',
  'renews',
  'number',
  'thisUpdate',
  'nextUpdate',
  'count',
  'clientId',
  'address',
  'since',
  'subscriptions',
  'queued',
  'weakened',
  'format',
  'deleted',
  'keptSince',
] as const
export type AuditField = (typeof auditFields)[number]

/** Fields that contain fields of their own: the policies, the filters of an export, and the user who limited an authority. */
export type AuditGroup = keyof Omit<Settings, 'version'> | 'filters' | 'limitedBy'

export const AuditEvent = z.object({
  id: Id,
  at: Time,
  action: AuditAction,
  /** Null: the installation itself, or an unknown person who tried to sign in. */
  actor: z.nullable(z.object({ id: Id, username: z.string() })),
  via: z.enum(['session', 'token', 'sign-in', 'machine', 'system']),
  target: z.nullable(z.object({ type: z.enum(auditTargets), id: z.string(), name: z.string() })),
  address: z.nullable(z.string()),
  before: z.nullable(z.record(z.string(), z.unknown())),
  after: z.nullable(z.record(z.string(), z.unknown())),
  reason: z.nullable(z.string()),
})
export type AuditEvent = z.output<typeof AuditEvent>

const formats = ['csv', 'jsonl'] as const satisfies readonly ExportFormat[]

export const audit = defineRoutes('audit', {
  list: {
    method: 'GET',
    path: '/audit',
    access: 'permitted',
    tag: 'Audit',
    summary: 'List audit events; the newest first, or all matching ones as a file',
    search: listSearch(['at'], {
      'actor[eq]': z.optional(SearchText),
      'action[eq]': z.optional(AuditAction),
      'target[eq]': z.optional(SearchText),
      'targetType[eq]': z.optional(z.enum(auditTargets)),
      'at[gte]': z.optional(GivenTime),
      'at[lt]': z.optional(GivenTime),
      /** The same as `Accept`, for links. A file contains all matching events, so `limit` and `cursor` are ignored. */
      format: z.optional(z.enum(formats)),
    }),
    exports: formats,
    compressed: true,
    answer: page(AuditEvent),
  },
  view: {
    method: 'GET',
    path: '/audit/:id',
    access: 'permitted',
    tag: 'Audit',
    summary: 'View an audit event',
    params: ById,
    answer: AuditEvent,
    errors: ['not_found'],
  },
})
