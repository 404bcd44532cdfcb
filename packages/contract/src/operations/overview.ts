/** The first page: what needs attention, and what happened over time. Each figure is only for whoever may read what it counts. */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { Listener } from '../brokers/broker.ts'
import { Expiries } from '../certificates/expiry.ts'
import { Kind } from '../identity/users.ts'
import { defineRoutes } from '../route.ts'

/** `low`: less is free than the server's settings want; `full`: nothing can be stored; `damaged`: the database file is. */
export const StorageState = z.enum(['ok', 'low', 'full', 'damaged'])
export type StorageState = z.output<typeof StorageState>

export const Overview = z.object({
  users: z.nullable(
    z.object({
      total: z.number(),
      /** Enabled, a second factor demanded, none set up; null: more than 10,000. */
      factorMissing: z.nullable(z.number()),
      lastSignIns: z.array(z.object({ id: Id, username: z.string(), kind: Kind, at: Time })),
    }),
  ),
  authorities: z.nullable(z.object({ total: z.number(), expiries: Expiries })),
  broker: z.nullable(
    z.object({
      running: z.boolean(),
      listeners: z.array(Listener),
      connections: z.nullable(z.number()),
      /** What the server shows to browsers and MQTT clients; null where nothing of it is TLS. */
      serverCertificate: z.nullable(z.object({ notAfter: Time, isGenerated: z.boolean() })),
    }),
  ),
  /** Of the certificates with which somebody is connected now. */
  certificates: z.nullable(Expiries),
  /** `freeBytes`: in the data folder; null where the database is on a server. */
  storage: z.nullable(z.object({ state: StorageState, freeBytes: z.nullable(z.number()) })),
  /** Of the last hour, as far as the broker remembers: `isMore` says that there may have been others. */
  refusals: z.nullable(z.object({ since: Time, count: z.number(), isMore: z.boolean() })),
})
export type Overview = z.output<typeof Overview>

export const ActivityRange = z.enum(['day', 'week', 'month'])
export type ActivityRange = z.output<typeof ActivityRange>

const Counts = z.array(z.number())

/** Figures for steps of the same length, the oldest first; the last step is not over. */
export const Activity = z.object({
  from: Time,
  stepSeconds: z.number(),
  /** The most at one time in each step. */
  connections: z.nullable(Counts),
  broker: z.nullable(z.object({ admitted: Counts, refused: Counts })),
  console: z.nullable(z.object({ admitted: Counts, refused: Counts })),
})
export type Activity = z.output<typeof Activity>

/** Authorities that are trusted; certificates of clients: issued here, or seen at the broker and issued elsewhere; the server's own. */
export const expiryKinds = ['authority', 'issued', 'seen', 'server'] as const
export const ExpiryKind = z.enum(expiryKinds)
export type ExpiryKind = z.output<typeof ExpiryKind>

export const Expiring = z.object({
  kind: ExpiryKind,
  fingerprint: Fingerprint,
  /** Of an authority its name, of a client its username, of the server its Common Name. */
  name: z.string(),
  notBefore: Time,
  notAfter: Time,
  /** Whose it is; null for what belongs to no user. */
  userId: z.nullable(Id),
})
export type Expiring = z.output<typeof Expiring>

/** What ends from now on; neither what was revoked or withdrawn, nor what has been replaced. */
export const ExpiriesToCome = z.object({
  next: z.array(Expiring),
  /** When the first week begins. */
  from: Time,
  /** How many end in each of the 52 weeks that follow. */
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
    summary: 'Which certificates expire next, and how many in each week of a year, of those that the caller may list',
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
