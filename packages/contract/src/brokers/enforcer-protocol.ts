/**
 * What an enforcer (the agent beside a Mosquitto) and the console send each other over mutual TLS. Both sides validate by these
 * shapes. The paths are on the listener for enforcers, never below `/api`.
 */
import * as z from 'zod/mini'
import { Fingerprint, Id, line, Time } from '../base.ts'
import { EnforcerInventory } from './enforcers.ts'
import { brokerProblems } from './inventory.ts'

export const enforcerPaths = { enrol: '/enrol', pull: '/pull', report: '/report', renew: '/renew' } as const

/** The only name in the server's certificate: an enforcer trusts the CA of its token, wherever the console listens. */
export const enforcerServerName = 'gatehouse-enforcers'

/** The largest bodies in bytes. The state of 10,000 users with ten ACLs each has about 15 MiB. */
export const maxEnforcerRequestBytes = 256 * 1024
export const maxEnforcerAnswerBytes = 128 * 1024 * 1024

/** How long the console holds a pull that has nothing new, in milliseconds. */
export const longestPullMs = 25_000

/** The fingerprint of the enforcers' CA, by which the enforcer recognises the console, and a secret for one use. */
const tokenPattern = /^ghe_([0-9a-f]{64})_([A-Za-z0-9_-]{43})$/

export interface EnrolmentToken {
  authorityFingerprint: string
  secret: string
}

export function formatEnrolmentToken({ authorityFingerprint, secret }: EnrolmentToken): string {
  return `ghe_${authorityFingerprint}_${secret}`
}

/** Null: the text is no enrolment token. */
export function readEnrolmentToken(text: string): EnrolmentToken | null {
  const [, authorityFingerprint, secret] = tokenPattern.exec(text.trim()) ?? []
  return authorityFingerprint && secret ? { authorityFingerprint, secret } : null
}

/** Why the console refuses an enforcer. The agent has words for each. */
export const enforcerRefusals = {
  invalid: 400,
  token_refused: 403,
  token_used: 403,
  token_expired: 403,
  request_refused: 422,
  certificate_required: 401,
  certificate_expired: 403,
  certificate_refused: 403,
  /** Revoked, replaced by another enrolment, or its broker was deleted. */
  unknown_enforcer: 403,
  /** The report names a state that is older than the last one reported, or that this console has not sent. */
  stale_report: 409,
  too_large: 413,
  not_found: 404,
  unavailable: 503,
} as const
export type EnforcerRefusal = keyof typeof enforcerRefusals

const Pem = z.string().check(z.minLength(1), z.maxLength(512 * 1024))
const Revision = z.int().check(z.minimum(0))

export const EnrolRequest = z.strictObject({
  secret: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** A certificate request (PKCS#10, PEM). Only its key is used. */
  csr: z.string().check(z.maxLength(64 * 1024)),
  /** The host name of the machine, for display. */
  host: line(253),
  /** Of the program. */
  version: line(64),
})

export const EnrolAnswer = z.object({
  enforcerId: Id,
  brokerName: z.string().check(z.maxLength(256)),
  certificate: Pem,
  /** The enforcers' CA. */
  authority: Pem,
})
export type EnrolAnswer = z.output<typeof EnrolAnswer>

export const RenewRequest = z.strictObject({
  csr: z.string().check(z.maxLength(64 * 1024)),
  /** The newest CA of the enforcers that this one has stored. Agents of earlier versions do not send it. */
  authority: z.optional(Fingerprint),
})
export const RenewAnswer = z.object({ certificate: Pem })

/** What a state consists of: named entries, so that a later answer can contain only those that changed. */
export const StateEntries = z.record(z.string().check(z.maxLength(64 * 1024)), z.string().check(z.maxLength(4_194_304)))

/** Where the enforcer stands: what it has of which console process. */
export const PullRequest = z.strictObject({
  epoch: z.nullable(Id),
  revision: Revision,
  /** Of its entries. Null: it has none. */
  digest: z.nullable(Fingerprint),
  waitMs: z.int().check(z.minimum(0), z.maximum(longestPullMs)),
})
export type PullRequest = z.output<typeof PullRequest>

/** A password that a user set or proved, for the broker beside the enforcer. It is sent once and stored nowhere. */
export const SentPassword = z.object({
  id: z.int(),
  username: z.string().check(z.maxLength(64)),
  password: z.string().check(z.maxLength(1_024)),
  /** Opaque. It marks which password the broker has. */
  tag: z.string().check(z.maxLength(200)),
})
export type SentPassword = z.output<typeof SentPassword>

export const PullAnswer = z.object({
  /** Of this process of the console: revisions of different epochs cannot be compared. */
  epoch: Id,
  revision: Revision,
  /** Of the change log: what the state contains. */
  sequence: Revision,
  /** SHA-256 over all entries after this answer (`digestOf`). */
  digest: Fingerprint,
  /** Null: the enforcer has them all already. */
  entries: z.nullable(StateEntries),
  /** False: `entries` are those that changed since, and `removed` those to forget. */
  isWhole: z.boolean(),
  removed: z.array(z.string()),
  passwords: z.array(SentPassword).check(z.maxLength(100)),
  /** Undo what others changed on the broker, and report this number. Consoles of earlier versions do not send it. */
  restore: z.optional(z.int()),
  /** The enforcers' CAs that count, the newest last. Consoles of earlier versions do not send them. */
  authorities: z.optional(z.array(Pem).check(z.minLength(1), z.maxLength(2))),
  /** The console's clock. */
  at: Time,
})
export type PullAnswer = z.output<typeof PullAnswer>

const Problem = z.strictObject({ code: z.enum(brokerProblems), detail: z.nullable(line(300)) })

export const Report = z.strictObject({
  epoch: Id,
  revision: Revision,
  sequence: Revision,
  /** True: the broker enforces this revision. False: `problems` says why not. */
  isApplied: z.boolean(),
  problems: z.array(Problem).check(z.maxLength(50)),
  /** Connections that the broker closed for it. Null: it is not known. */
  ended: z.nullable(z.int().check(z.minimum(0))),
  /** Ids of the passwords that the broker has now. */
  passwordsSet: z.array(z.int()).check(z.maxLength(100)),
  inventory: z.nullable(EnforcerInventory),
  /** The number of `restore`, when it is done. */
  restored: z.optional(z.int()),
  /** The enforcer's clock. */
  at: Time,
})
export type Report = z.output<typeof Report>
