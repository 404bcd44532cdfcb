import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { BadSettings } from '../base/bad-settings.ts'
import type { OpenDatabase } from './database.ts'
import { isPostgres } from './dialect.ts'
import * as first from './migrations/0001-first.ts'
import * as refusedAttempts from './migrations/0002-refused-attempts.ts'
import * as secondFactor from './migrations/0003-second-factor.ts'
import * as narrowedTokens from './migrations/0004-narrowed-tokens.ts'
import * as userSearch from './migrations/0005-user-search.ts'
import * as heldPermissions from './migrations/0006-held-permissions.ts'
import * as auditRetention from './migrations/0007-audit-retention.ts'
import * as authorityIssuers from './migrations/0008-authority-issuers.ts'
import * as userBeginnings from './migrations/0009-user-beginnings.ts'
import * as activity from './migrations/0010-activity.ts'
import * as revocations from './migrations/0011-revocations.ts'
import * as clientCertificates from './migrations/0012-client-certificates.ts'
import * as seenCertificates from './migrations/0013-seen-certificates.ts'
import * as userFacets from './migrations/0014-user-facets.ts'
import * as authorityConfirmations from './migrations/0015-authority-confirmations.ts'
import * as tokenOrigin from './migrations/0016-token-origin.ts'
import * as knownSources from './migrations/0017-known-sources.ts'
import * as listSigners from './migrations/0019-list-signers.ts'
import * as enrolmentSessions from './migrations/0021-enrolment-sessions.ts'
import * as accessChanges from './migrations/0022-access-changes.ts'
import * as proofs from './migrations/0023-proofs.ts'
import * as userTags from './migrations/0024-user-tags.ts'
import * as moreBuiltInRoles from './migrations/0025-more-built-in-roles.ts'
import * as decisions from './migrations/0026-decisions.ts'
import * as sessionsAndRetained from './migrations/0027-sessions-and-retained.ts'
import * as listeners from './migrations/0028-listeners.ts'
import * as listenerOrigins from './migrations/0029-listener-origins.ts'
import * as brokers from './migrations/0030-brokers.ts'
import * as brokerProgress from './migrations/0031-broker-progress.ts'
import * as enforcers from './migrations/0032-enforcers.ts'
import * as importedPasswords from './migrations/0033-imported-passwords.ts'
import * as kubernetesAndDeployments from './migrations/0034-kubernetes-and-deployments.ts'
import * as admissionRules from './migrations/0035-admission-rules.ts'
import * as edge from './migrations/0036-edge.ts'
import * as identityProviders from './migrations/0037-identity-providers.ts'
import * as directorySweeps from './migrations/0038-directory-sweeps.ts'
import * as singleSignOn from './migrations/0039-single-sign-on.ts'
import * as closedProviders from './migrations/0041-closed-providers.ts'

/** The migrations are listed here and not read from a folder, so that exactly the tested ones run. */
const migrations: Record<string, Migration> = {
  '0001-first': first,
  '0002-refused-attempts': refusedAttempts,
  '0003-second-factor': secondFactor,
  '0004-narrowed-tokens': narrowedTokens,
  '0005-user-search': userSearch,
  '0006-held-permissions': heldPermissions,
  '0007-audit-retention': auditRetention,
  '0008-authority-issuers': authorityIssuers,
  '0009-user-beginnings': userBeginnings,
  '0010-activity': activity,
  '0011-revocations': revocations,
  '0012-client-certificates': clientCertificates,
  '0013-seen-certificates': seenCertificates,
  '0014-user-facets': userFacets,
  '0015-authority-confirmations': authorityConfirmations,
  '0016-token-origin': tokenOrigin,
  '0017-known-sources': knownSources,
  '0019-list-signers': listSigners,
  '0021-enrolment-sessions': enrolmentSessions,
  '0022-access-changes': accessChanges,
  '0023-proofs': proofs,
  '0024-user-tags': userTags,
  '0025-more-built-in-roles': moreBuiltInRoles,
  '0026-decisions': decisions,
  '0027-sessions-and-retained': sessionsAndRetained,
  '0028-listeners': listeners,
  '0029-listener-origins': listenerOrigins,
  '0030-brokers': brokers,
  '0031-broker-progress': brokerProgress,
  '0032-enforcers': enforcers,
  '0033-imported-passwords': importedPasswords,
  '0034-kubernetes-and-deployments': kubernetesAndDeployments,
  '0035-admission-rules': admissionRules,
  '0036-edge': edge,
  '0037-identity-providers': identityProviders,
  '0038-directory-sweeps': directorySweeps,
  '0039-single-sign-on': singleSignOn,
  '0041-closed-providers': closedProviders,
}

/** False for a database without tables. */
export async function hasSchema({ ddl }: Pick<OpenDatabase, 'ddl'>): Promise<boolean> {
  const name = 'kysely_migration'
  const { rows } = await (isPostgres(ddl)
    ? sql`select 1 where to_regclass(${name}) is not null`.execute(ddl)
    : sql`select 1 from sqlite_master where name = ${name}`.execute(ddl))
  return rows.length > 0
}

/** Brings the schema up to date, or up to one migration for its test, in one transaction and one process at a time. */
export async function migrate({ ddl }: Pick<OpenDatabase, 'ddl'>, upTo?: string): Promise<void> {
  const migrator = new Migrator({ db: ddl, provider: { getMigrations: async () => migrations } })
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo))
  if (!error) return
  if (isPostgres(ddl) && error instanceof Error) {
    const refusal = refusals.get('code' in error ? error.code : null)
    if (refusal) throw new BadSettings([`GATEHOUSE_DATABASE_URL: ${refusal} (${error.message})`])
  }
  throw new Error('The schema could not be brought up to date', { cause: error })
}

/** PostgreSQL errors that the server's administrator has to resolve. */
const refusals = new Map<unknown, string>([
  ['42501', 'this user may not create what Gatehouse needs; let the user own the database'],
  ['0A000', 'the server lacks the extension pg_trgm; Debian has it in postgresql, others in postgresql-contrib'],
])
