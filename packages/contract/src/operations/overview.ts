/**
 * The overview: what needs attention, and activity over time. Each figure requires the permission to read what it
 * counts.
 */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { FailedListener, Listener } from '../brokers/broker.ts'
import { Expiries } from '../certificates/expiry.ts'
import { Kind } from '../identity/users.ts'
import { defineRoutes } from '../route.ts'

/**
 * `low`: less space is free than the server's settings require. `full`: nothing can be stored. `damaged`: the database
 * file is damaged.
 */
export const StorageState = z.enum(['ok', 'low', 'full', 'damaged'])
export type StorageState = z.output<typeof StorageState>

export const Overview = z.object({
  users: z.nullable(
    z.object({
      total: z.number(),
      /** Enabled users without a required second factor; null: more than 10,000. */
      factorMissing: z.nullable(z.number()),
      lastSignIns: z.array(z.object({ id: Id, username: z.string(), kind: Kind, at: Time })),
    }),
  ),
  authorities: z.nullable(z.object({ total: z.number(), expiries: Expiries })),
  broker: z.nullable(
    z.object({
      running: z.boolean(),
      listeners: z.array(Listener),
      failedListeners: z.array(FailedListener),
      connections: z.nullable(z.number()),
      /** The certificate that the server presents to browsers and MQTT clients; null if nothing uses TLS. */
      serverCertificate: z.nullable(z.object({ notAfter: Time, isGenerated: z.boolean() })),
    }),
  ),
  /**
   * Brokers beside the embedded one that need attention. `open`: admits anyone; `away`: cannot be reached; `behind`: has not applied
   * a change for ten seconds; `problems`: reports others.
   */
  brokers: z.nullable(
    z.array(z.object({ id: z.string(), name: z.string(), trouble: z.enum(['open', 'away', 'behind', 'problems']) })),
  ),
  /**
   * Identity providers that need attention. `not-checked`: the last check of a directory for changes failed, and `since` is the last one that
   * succeeded; `ending`: `users` is the number of users whose tokens will end soon, because their last sign-in is old.
   */
  providers: z.nullable(
    z.array(
      z.object({
        id: Id,
        label: z.string(),
        trouble: z.enum(['not-checked', 'ending']),
        since: z.nullable(Time),
        users: z.number(),
      }),
    ),
  ),
  /** The certificates of live connections. */
  certificates: z.nullable(Expiries),
  /** `freeBytes`: in the data folder; null if its file system does not say. */
  storage: z.nullable(z.object({ state: StorageState, freeBytes: z.nullable(z.number()) })),
  /** In the last hour, as far as the broker keeps them. `isMore`: there may have been more. */
  refusals: z.nullable(z.object({ since: Time, count: z.number(), isMore: z.boolean() })),
  /** Devices that admission rules admitted in the last day, and rules that are on and admit nobody. */
  admissions: z.nullable(z.object({ since: Time, count: z.number(), blockedRules: z.number() })),
})
export type Overview = z.output<typeof Overview>

export const ActivityRange = z.enum(['day', 'week', 'month'])
export type ActivityRange = z.output<typeof ActivityRange>

const Counts = z.array(z.number())

/** Figures for steps of equal length, the oldest first. The last step is not complete. */
export const Activity = z.object({
  from: Time,
  stepSeconds: z.number(),
  /** The largest number at one time in each step. */
  connections: z.nullable(Counts),
  broker: z.nullable(z.object({ admitted: Counts, refused: Counts })),
  console: z.nullable(z.object({ admitted: Counts, refused: Counts })),
})
export type Activity = z.output<typeof Activity>

/**
 * Trusted authorities; client certificates that were issued here, or seen at the broker and issued elsewhere; the
 * server's own certificate.
 */
export const expiryKinds = ['authority', 'issued', 'seen', 'server'] as const
export const ExpiryKind = z.enum(expiryKinds)
export type ExpiryKind = z.output<typeof ExpiryKind>

export const Expiring = z.object({
  kind: ExpiryKind,
  fingerprint: Fingerprint,
  /** The name of an authority, the username of a client, or the Common Name of the server. */
  name: z.string(),
  notBefore: Time,
  notAfter: Time,
  /** The user of a client certificate; null for other kinds. */
  userId: z.nullable(Id),
})
export type Expiring = z.output<typeof Expiring>

/** Certificates that expire from now on, without those that were revoked, withdrawn or replaced. */
export const ExpiriesToCome = z.object({
  next: z.array(Expiring),
  /** The start of the first week. */
  from: Time,
  /** The number that expire in each of the following 52 weeks. */
  weeks: z.object({ authority: z.nullable(Counts), issued: z.nullable(Counts), seen: z.nullable(Counts) }),
})
export type ExpiriesToCome = z.output<typeof ExpiriesToCome>

export const overview = defineRoutes('overview', {
  view: {
    method: 'GET',
    path: '/overview',
    access: 'signed-in',
    tokens: true,
    tag: 'Overview',
    summary: 'What needs attention; null for what the caller may not read',
    compressed: true,
    answer: Overview,
  },
  expiries: {
    method: 'GET',
    path: '/overview/expiries',
    access: 'signed-in',
    tokens: true,
    tag: 'Overview',
    summary:
      'The next certificates to expire, and how many in each week of a year; only those that the caller may list',
    compressed: true,
    answer: ExpiriesToCome,
  },
  activity: {
    method: 'GET',
    path: '/overview/activity',
    access: 'signed-in',
    tokens: true,
    tag: 'Overview',
    summary: 'Sign-ins, refusals and connections over time; null for what the caller may not read',
    search: z.strictObject({ range: z._default(ActivityRange, 'day') }),
    compressed: true,
    answer: Activity,
  },
})
