/** Routes for a Mosquitto on the machine of Gatehouse: what it cannot enforce, and what another program changed there. */
import * as z from 'zod/mini'
import { ById } from '../base.ts'
import { defineRoutes } from '../route.ts'

/** At most a hundred names; `count` is exact. */
const Some = z.object({ count: z.number(), names: z.array(z.string()) })

/**
 * Why a user, a CA or a permission is left out.
 * `both_required`: the user must use a certificate and a password, which Mosquitto cannot require.
 * `password_only`: the user may sign in by password only, and any trusted CA could issue a certificate with this name.
 * `certificate_only`: the broker has no listener for certificates.
 * `certificate_revoked`: a certificate of a foreign CA was revoked here, and the CRL of the CA does not contain it.
 * `rule_left_out`: the user has rights there, without permissions on `$CONTROL`, `$share`, or with `%u` or `%c`.
 * `authority_limited`: a username limit applies to the CA, which Mosquitto cannot enforce, or the CA is above such a CA, whose
 * certificates Mosquitto would accept through it.
 * `authority_without_root`: the self-signed certificate above the CA is not trusted here.
 * `authority_without_crl`, `authority_crl_expired`: Mosquitto refuses all clients of this CA.
 */
export const mosquittoRemarks = [
  'both_required',
  'password_only',
  'certificate_only',
  'certificate_revoked',
  'rule_left_out',
  'authority_limited',
  'authority_without_root',
  'authority_without_crl',
  'authority_crl_expired',
] as const

export const MosquittoRemark = z.extend(Some, { code: z.enum(mosquittoRemarks) })
export type MosquittoRemark = z.output<typeof MosquittoRemark>

/** A file in the folder of CAs that Gatehouse did not write. It stays. `authority`: Mosquitto trusts it. */
export const ForeignFile = z.object({
  name: z.string(),
  kind: z.enum(['authority', 'link', 'key', 'folder', 'other']),
})
export type ForeignFile = z.output<typeof ForeignFile>

/** What another program changed in the dynamic-security plugin. */
export const MosquittoDrift = z.object({
  /** Users who have other rights than they have here. */
  changed: Some,
  clients: Some,
  roles: Some,
  groups: Some,
  /** Default access that differs, such as `publishClientReceive`. */
  defaults: Some,
})
export type MosquittoDrift = z.output<typeof MosquittoDrift>

export const MosquittoState = z.object({
  /** Commands that are under way. Null: none. */
  progress: z.nullable(z.object({ done: z.number(), total: z.number() })),
  /** Users who have lost rights, which are in effect, and whose connections have not ended yet. */
  toEnd: z.number(),
  /** Users who may use a password there, which Mosquitto does not know yet. It knows it when it is set or used next. */
  withoutPassword: Some,
  remarks: z.array(MosquittoRemark),
  foreignFiles: z.array(ForeignFile),
  /** Null: not looked yet. */
  drift: z.nullable(MosquittoDrift),
  /** Whether the file of the plugin can be written before Mosquitto starts. */
  hasFirstLoad: z.boolean(),
})
export type MosquittoState = z.output<typeof MosquittoState>

export const mosquitto = defineRoutes('mosquitto', {
  view: {
    method: 'GET',
    path: '/brokers/:id/mosquitto',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'View what a Mosquitto cannot enforce, and what another program changed there',
    params: ById,
    answer: MosquittoState,
    errors: ['not_found'],
  },
  lookForDrift: {
    method: 'POST',
    path: '/brokers/:id/mosquitto/drift',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'Compare a Mosquitto with what is decided here; changes nothing',
    params: ById,
    answer: MosquittoState,
    errors: ['not_found', 'broker_away'],
  },
  restore: {
    method: 'POST',
    path: '/brokers/:id/mosquitto/restoration',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Remove from a Mosquitto what was not decided here, and bring its users back',
    params: ById,
    answer: MosquittoState,
    errors: ['not_found', 'broker_away'],
  },
  writeFirstLoad: {
    method: 'POST',
    path: '/brokers/:id/mosquitto/first-load',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Write all users into the file of the plugin, before Mosquitto starts',
    params: ById,
    answer: z.object({ users: z.number() }),
    errors: ['not_found', 'broker_running', 'file_refused'],
  },
})
