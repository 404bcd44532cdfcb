/** HTTP servers behind the edge: what devices reach through listeners with the purpose `device-http`. */
import * as z from 'zod/mini'
import { ById, enforced, Id, Time, Version } from '../base.ts'
import { Username } from '../identity/users.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'

/** The most upstreams of one installation. */
export const maxUpstreams = 32

/**
 * `generic`: any HTTP server; it gets the device's username and certificate in headers. `mender`: the device API of a Mender
 * server; the edge has the devices accepted there.
 */
export const UpstreamKind = z.enum(['generic', 'mender'])
export type UpstreamKind = z.output<typeof UpstreamKind>

/** The first segment of resources in permissions, and of paths on listeners that serve several upstreams. */
const Name = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(63, 'too_long'), z.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'invalid'))

/** Scheme, host and port, such as `https://backend.example:8443`. */
const Origin = z
  .string()
  .check(z.maxLength(300, 'too_long'), z.regex(/^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/, 'invalid'))

const durationMs = (least: number, most: number) =>
  z.int().check(z.minimum(least, 'too_small'), z.maximum(most, 'too_large'))

const line = z
  .string()
  .check(z.minLength(1, 'required'), z.maxLength(256, 'too_long'), z.regex(/^[^\p{Cc}]*$/u, 'invalid'))

const settings = {
  name: Name,
  kind: UpstreamKind,
  origin: Origin,
  /** PEM of the CAs that sign the upstream's certificate. Null: those of the system. */
  authorities: z.nullable(z.string().check(z.minLength(1, 'required'), z.maxLength(256 * 1024, 'too_long'))),
  /**
   * How the edge authenticates itself. `generic`: in `Authorization` of each request, instead of the device's. `mender`: at
   * the management API only, with a user's password (`basic`) or a personal access token (`bearer`).
   */
  authentication: z.enum(['none', 'basic', 'bearer']),
  /** For `basic`. */
  username: z.nullable(line),
  connectTimeoutMs: durationMs(100, 60_000),
  /** From the end of the request to the first byte of the answer. */
  responseTimeoutMs: durationMs(100, 600_000),
  /** A request or an upgraded connection ends when no byte flows for this time. */
  idleTimeoutMs: durationMs(1_000, 3_600_000),
  /** The largest body of a request. Null: no bound. */
  maxRequestBytes: z.nullable(z.int().check(z.minimum(0, 'too_small'))),
  /**
   * For `mender`: the attribute of the identity data that must equal the username. Null: the first identity that a user sends
   * belongs to this user from then on.
   */
  identityAttribute: z.nullable(line),
}

export const Upstream = z.object({
  id: Id,
  ...settings,
  /** Is a password or a token stored? It is never returned. */
  hasSecret: z.boolean(),
  createdAt: Time,
  version: Version,
})
export type Upstream = z.output<typeof Upstream>

const Secret = secret().check(
  z.minLength(1, 'required'),
  z.maxLength(4_096, 'too_long'),
  z.regex(/^[^\p{Cc}]*$/u, 'invalid'),
)

export const UpstreamCreate = z.strictObject({
  name: settings.name,
  kind: z._default(settings.kind, 'generic'),
  origin: settings.origin,
  authorities: z._default(settings.authorities, null),
  authentication: z._default(settings.authentication, 'none'),
  username: z._default(settings.username, null),
  secret: z._default(z.nullable(Secret), null),
  connectTimeoutMs: z._default(settings.connectTimeoutMs, 5_000),
  responseTimeoutMs: z._default(settings.responseTimeoutMs, 60_000),
  idleTimeoutMs: z._default(settings.idleTimeoutMs, 120_000),
  maxRequestBytes: z._default(settings.maxRequestBytes, 64 * 1024 * 1024),
  identityAttribute: z._default(settings.identityAttribute, null),
})
export type UpstreamCreate = z.input<typeof UpstreamCreate>

export const UpstreamUpdate = z.strictObject({
  name: z.optional(settings.name),
  kind: z.optional(settings.kind),
  origin: z.optional(settings.origin),
  authorities: z.optional(settings.authorities),
  authentication: z.optional(settings.authentication),
  username: z.optional(settings.username),
  /** Omitted: as it is. Null: none any more. */
  secret: z.optional(z.nullable(Secret)),
  connectTimeoutMs: z.optional(settings.connectTimeoutMs),
  responseTimeoutMs: z.optional(settings.responseTimeoutMs),
  idleTimeoutMs: z.optional(settings.idleTimeoutMs),
  maxRequestBytes: z.optional(settings.maxRequestBytes),
  identityAttribute: z.optional(settings.identityAttribute),
})
export type UpstreamUpdate = z.input<typeof UpstreamUpdate>

/** The identity on a Mender server that belongs to a user, because its device sent it first. */
export const UpstreamIdentity = z.object({
  userId: Id,
  username: z.string(),
  /** SHA-256 of the identity data with sorted keys, in hexadecimal. */
  identityHash: z.string(),
  claimedAt: Time,
})
export type UpstreamIdentity = z.output<typeof UpstreamIdentity>

/** The steps of a test, in their order. */
export const upstreamTestSteps = ['address', 'tcp', 'tls', 'answer', 'credentials'] as const

export const upstreamTestProblems = [
  'not_resolved',
  'address_not_allowed',
  'not_reachable',
  'timed_out',
  'certificate_not_trusted',
  'certificate_wrong_name',
  'certificate_expired',
  'tls_failed',
  'wrong_answer',
  'credentials_refused',
] as const

/** Never contains what the upstream sent, except the status of its answer. */
export const UpstreamTestStep = z.object({
  step: z.enum(upstreamTestSteps),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  problem: z.nullable(z.enum(upstreamTestProblems)),
  /** The error of the system or of TLS by its name, or the status of the answer. */
  detail: z.nullable(z.string()),
})
export type UpstreamTestStep = z.output<typeof UpstreamTestStep>

const UpstreamTest = z.object({ steps: z.array(UpstreamTestStep) })

export const upstreams = defineRoutes('upstreams', {
  list: {
    method: 'GET',
    path: '/upstreams',
    access: 'permitted',
    tag: 'Upstreams',
    summary: 'List upstreams',
    answer: z.object({ items: z.array(Upstream) }),
  },
  create: {
    method: 'POST',
    path: '/upstreams',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Upstreams',
    summary: 'Add an upstream',
    body: UpstreamCreate,
    answer: Upstream,
    status: 201,
    errors: ['name_taken', 'upstream_refused', 'too_many_upstreams'],
  },
  testNew: {
    method: 'POST',
    path: '/upstreams/test',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Upstreams',
    summary: 'Test an upstream that is not added yet',
    body: UpstreamCreate,
    answer: UpstreamTest,
    errors: ['upstream_refused', 'throttled'],
  },
  test: {
    method: 'POST',
    path: '/upstreams/:id/test',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Upstreams',
    summary: 'Test an upstream with these changes; stores nothing',
    description: 'As for a change, the secret must be given again with another address or other CAs.',
    params: ById,
    body: UpstreamUpdate,
    answer: UpstreamTest,
    errors: ['not_found', 'upstream_refused', 'throttled'],
  },
  view: {
    method: 'GET',
    path: '/upstreams/:id',
    access: 'permitted',
    tag: 'Upstreams',
    summary: 'View an upstream',
    params: ById,
    answer: Upstream,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/upstreams/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Upstreams',
    summary: 'Change an upstream; running requests to it end',
    params: ById,
    body: UpstreamUpdate,
    answer: z.extend(Upstream, enforced),
    versioned: true,
    errors: ['not_found', 'name_taken', 'upstream_refused', 'changed_meanwhile'],
  },
  listIdentities: {
    method: 'GET',
    path: '/upstreams/:id/identities',
    access: 'permitted',
    tag: 'Upstreams',
    summary: 'List the identities on a Mender server that belong to users, the newest first',
    params: ById,
    search: listSearch(['claimedAt'], { 'username[eq]': z.optional(Username) }),
    compressed: true,
    answer: page(UpstreamIdentity),
    errors: ['not_found'],
  },
  forgetIdentity: {
    method: 'DELETE',
    path: '/upstreams/:id/identities/:userId',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Upstreams',
    summary: 'Forget which identity a user has on a Mender server; the next one that its device sends counts',
    params: z.strictObject({ id: Id, userId: Id }),
    answer: null,
    errors: ['not_found'],
  },
  remove: {
    method: 'DELETE',
    path: '/upstreams/:id',
    access: 'permitted',
    administrator: true,
    tag: 'Upstreams',
    summary: 'Delete an upstream; running requests to it end',
    params: ById,
    answer: z.object(enforced),
    versioned: true,
    errors: ['not_found', 'upstream_in_use', 'changed_meanwhile'],
  },
})
