/**
 * Decides whether an admission rule admits a device that nobody entered. The order is: remembered denial, rule, refusal. The broker asks
 * this at CONNECT and again in the transaction that creates the user; *Check a certificate* and the preview of a rule ask it too.
 */
import { coversAll, type Permission } from '@gatehouse/contract/access/permission'
import type { AdmissionProblem } from '@gatehouse/contract/brokers/admission-rules'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import type { DecisionUser } from './facts.ts'

/** A rule that is on, with the facts of this moment. */
export interface AdmissionRule {
  id: string
  name: string
  /** Fingerprint of the CA to which the certificate must lead. */
  authority: string
  /** Globs. The Common Name must match one of them. */
  usernames: readonly string[]
  /** Ids of the roles that the new user gets. */
  roles: readonly string[]
  /** The permissions of these roles. Null: one of the roles was deleted. */
  permissions: readonly Permission[] | null
  /** The permissions of the person who is responsible for the rule. Null: deleted or disabled. */
  authorPermissions: readonly Permission[] | null
  /** It has admitted as many devices as it may in all. */
  isFull: boolean
  /** It has admitted as many devices as it may in an hour, until this time. Null: it has not. */
  hourFullUntil: Date | null
}

/** What decides about a device that nobody entered. */
export interface AdmissionFacts {
  /** A user of this name was deleted, or the name was denied. */
  isDenied: boolean
  /** Another user has this name in another spelling. */
  isTaken: boolean
  /** In the order in which they were made. */
  rules: readonly AdmissionRule[]
  at: Date
}

/** A device with a trusted certificate. `authorities`: the CAs that the certificate leads to, by fingerprint. */
export interface NewDevice {
  username: string
  authorities: readonly string[]
}

export type AdmissionVerdict = { rule: AdmissionRule; reason: null } | { rule: null; reason: AdmissionRefusal }

export type AdmissionRefusal = 'unknown_user' | 'device_denied' | 'spelling_taken' | AdmissionProblem

/** The first rule that fits and can admit. Otherwise the reason of the first rule that fits. */
export function judgeAdmission({ username, authorities }: NewDevice, facts: AdmissionFacts): AdmissionVerdict {
  if (facts.isDenied) return refuse('device_denied')
  const fitting = facts.rules.filter(
    ({ authority, usernames }) =>
      authorities.includes(authority) && usernames.some((glob) => usernameMatches(glob, username)),
  )
  const [first] = fitting
  if (!first) return refuse('unknown_user')
  if (facts.isTaken) return refuse('spelling_taken')
  const rule = fitting.find((each) => problemOf(each, facts.at) === null)
  return rule ? { rule, reason: null } : refuse(problemOf(first, facts.at) ?? 'unknown_user')
}

/** Why a rule admits nobody at the moment. Null: it can admit. */
export function problemOf(rule: AdmissionRule, at: Date): AdmissionProblem | null {
  const { permissions, authorPermissions } = rule
  if (permissions === null || givesConsoleRights(permissions)) return 'admission_roles'
  if (authorPermissions === null || !coversAll(authorPermissions, permissions)) return 'admission_author'
  const isHourFull = rule.hourFullUntil !== null && at < rule.hourFullUntil
  return rule.isFull || isHourFull ? 'admission_limit' : null
}

/** A device that enters by its certificate alone must never get rights in the console. */
export function givesConsoleRights(permissions: readonly Permission[]): boolean {
  return permissions.some(({ context }) => context === 'http')
}

/** The user that the rule would create. It does not exist yet, so it has no id. */
export function newDeviceUser(username: string, { permissions }: AdmissionRule): DecisionUser {
  const rights = permissions ?? []
  return {
    id: '',
    username,
    disabledAt: null,
    grants: [{ method: 'certificate', isRequired: false }],
    mqttPermissions: rights.filter(({ context }) => context === 'mqtt'),
    permissions: rights,
    confirmations: [],
    mqttPublishPrefix: null,
    credential: null,
    passwordEndsAt: null,
  }
}

function refuse(reason: AdmissionRefusal): AdmissionVerdict {
  return { rule: null, reason }
}
