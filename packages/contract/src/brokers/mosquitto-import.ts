/** The import of users, roles, rights and trust from the files of a Mosquitto broker. */
import * as z from 'zod/mini'
import { Permission } from '../access/permission.ts'
import { Fingerprint, Id, Time } from '../base.ts'
import { errors } from '../errors.ts'
import { defineRoutes } from '../route.ts'

/** Bytes of one upload. For larger files there is `npm run admin -- import-mosquitto`. */
export const maxImportBytes = 8 * 1024 * 1024
export const maxImportFiles = 2_000
/** Users of one import: each costs one argon2id hash. */
export const maxImportedUsers = 20_000

/** What an answer lists at most; the totals count all. */
export const maxListed = 2_000

/**
 * What the import notices, and what it means. `lost`: Mosquitto allowed something that is not imported. `changed`: it
 * works here in another way. `note`: nothing is lost.
 */
export const findings = {
  file_missing: 'lost',
  file_not_recognised: 'note',
  file_binary: 'lost',
  file_unreadable: 'lost',
  private_key_left_out: 'note',
  link_not_followed: 'note',
  line_too_long: 'lost',
  line_invalid: 'lost',
  setting_not_supported: 'lost',
  anonymous_access: 'lost',
  anonymous_rights: 'lost',
  bridge: 'note',
  certificate_besides_password: 'changed',
  certificate_names_user: 'changed',
  no_acl_file: 'changed',
  username_invalid: 'lost',
  username_twice: 'lost',
  username_differs_in_case: 'lost',
  username_exists: 'note',
  user_without_password: 'note',
  not_hashed: 'lost',
  malformed_hash: 'lost',
  too_many_iterations: 'lost',
  argon2_parameters: 'lost',
  client_id_not_bound: 'changed',
  topic_invalid: 'lost',
  client_id_in_topic: 'lost',
  deny_under_allow: 'lost',
  deny_ignored: 'changed',
  subscribe_deny_without_effect: 'changed',
  receive_missing: 'note',
  unsubscribe_denied: 'lost',
  wildcards_allowed: 'changed',
  control_topic: 'lost',
  system_topics: 'lost',
  subscriptions_are_checked: 'changed',
  priorities_matter: 'changed',
  role_unknown: 'lost',
  too_many_permissions: 'lost',
  authority_refused: 'lost',
  authority_exists: 'note',
  crl_refused: 'lost',
} as const satisfies Record<string, 'lost' | 'changed' | 'note'>

export type FindingCode = keyof typeof findings
export const findingCodes = Object.keys(findings) as FindingCode[]

export const ImportFinding = z.object({
  code: z.enum(findingCodes),
  weight: z.enum(['lost', 'changed', 'note']),
  file: z.string(),
  /** Counted from 1. Null: the whole file, or a place in JSON. */
  line: z.nullable(z.number()),
  /** The line without secrets, or the place in JSON. */
  text: z.string(),
  /** The number of users whom it concerns, and the first ones. */
  users: z.number(),
  firstUsers: z.array(z.string()),
})
export type ImportFinding = z.output<typeof ImportFinding>

const ImportedUser = z.object({
  username: z.string(),
  displayName: z.nullable(z.string()),
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  hasCertificateGrant: z.boolean(),
  roles: z.array(z.string()),
  permissions: z.array(Permission),
  tags: z.array(z.string()),
})

export const MosquittoPreview = z.object({
  /** Names exactly this plan. The import refuses a plan that has changed since. */
  digest: Fingerprint,
  totals: z.object({
    users: z.number(),
    /** Users with that name exist already and stay as they are. */
    existingUsers: z.number(),
    roles: z.number(),
    permissions: z.number(),
    authorities: z.number(),
    crls: z.number(),
    lost: z.number(),
    changed: z.number(),
    notes: z.number(),
  }),
  users: z.array(ImportedUser),
  roles: z.array(
    z.object({
      name: z.string(),
      permissions: z.array(Permission),
      users: z.number(),
      /** A role with this name and these permissions exists and is given. */
      exists: z.boolean(),
    }),
  ),
  authorities: z.array(
    z.object({ fingerprint: Fingerprint, name: z.string(), subject: z.string(), notAfter: Time, file: z.string() }),
  ),
  crls: z.array(z.object({ issuer: z.string(), entries: z.number(), thisUpdate: Time, file: z.string() })),
  findings: z.array(ImportFinding),
  /** Why the caller may not import this. Empty: nothing prevents it. */
  obstacles: z.array(
    z.object({
      code: z.enum(['more_than_held', 'limit_required', 'nothing_to_import']),
      /** The permission that the caller does not hold. */
      permission: z.nullable(Permission),
    }),
  ),
})
export type MosquittoPreview = z.output<typeof MosquittoPreview>

export const importStates = ['hashing', 'writing', 'done', 'failed', 'cancelled'] as const

export const MosquittoImport = z.object({
  id: Id,
  state: z.enum(importStates),
  /** Passwords that were hashed, of all. Hashing is slow on purpose. */
  hashed: z.number(),
  passwords: z.number(),
  /** What was created. Null until it is done. */
  created: z.nullable(z.object({ users: z.number(), roles: z.number(), authorities: z.number(), crls: z.number() })),
  /** Why it failed. Nothing was imported. */
  problem: z.nullable(z.enum(Object.keys(errors) as (keyof typeof errors)[])),
})
export type MosquittoImport = z.output<typeof MosquittoImport>

const Path = z.string().check(z.minLength(1), z.maxLength(1_024))
export const MosquittoFiles = z
  .array(z.strictObject({ path: Path, text: z.string() }))
  .check(z.minLength(1, 'required'), z.maxLength(maxImportFiles, 'too_long'))

/**
 * An allowed topic of which a part is denied cannot be expressed. `withhold`: it is not allowed at all. `grant`: it is
 * allowed as a whole.
 */
export const UnderDeny = z.enum(['withhold', 'grant'])
export type UnderDeny = z.output<typeof UnderDeny>

const Given = { files: MosquittoFiles, underDeny: z._default(UnderDeny, 'withhold') }

const ByImport = z.strictObject({ id: Id })

export const mosquittoImports = defineRoutes('mosquittoImports', {
  preview: {
    method: 'POST',
    path: '/imports/mosquitto/preview',
    access: 'permitted',
    query: true,
    tag: 'Imports',
    summary: 'What the files of a Mosquitto broker would import; changes nothing',
    description:
      'Takes `mosquitto.conf`, `password_file`, `acl_file`, `dynamic-security.json`, CA certificates and CRLs, with their paths. Lists each line that cannot be expressed here.',
    body: z.strictObject(Given),
    maxBytes: maxImportBytes,
    answer: MosquittoPreview,
    errors: ['import_too_large'],
  },
  create: {
    method: 'POST',
    path: '/imports/mosquitto',
    access: 'permitted',
    recent: true,
    tag: 'Imports',
    summary: 'Import the files of a Mosquitto broker, all or nothing; `digest` names the plan of the preview',
    description:
      'Starts the import and answers at once. The passwords are hashed first, then one transaction creates everything. The caller must hold every permission that is given, and gatehouse-admin for CA certificates.',
    body: z.strictObject({ ...Given, digest: Fingerprint }),
    maxBytes: maxImportBytes,
    answer: MosquittoImport,
    status: 201,
    errors: [
      'import_too_large',
      'import_changed',
      'import_running',
      'import_empty',
      'more_than_held',
      'limit_required',
    ],
  },
  view: {
    method: 'GET',
    path: '/imports/mosquitto/:id',
    access: 'permitted',
    tag: 'Imports',
    summary: 'View an import: progress and result',
    params: ByImport,
    answer: MosquittoImport,
    errors: ['not_found'],
  },
  cancel: {
    method: 'DELETE',
    path: '/imports/mosquitto/:id',
    access: 'permitted',
    tag: 'Imports',
    summary: 'Cancel an import that is still hashing passwords; nothing is imported',
    params: ByImport,
    answer: MosquittoImport,
    errors: ['not_found'],
  },
})
