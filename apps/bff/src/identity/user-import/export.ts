/** Users as CSV: all matching users, read in slices while the file is sent. */

import { entrySeparator, userColumns, writeGrants } from '@gatehouse/contract/identity/user-csv'
import type { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { User } from '@gatehouse/contract/identity/users'
import type { Parsed, Streamed } from '@gatehouse/contract/route'
import type { AuthorityLimitsPort } from '../../access/roles/authority-limits-port.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { asCsv, type Columns } from '../../platform/http/list-file.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { usersInSlices } from '../users/store.ts'

export interface TransferContext {
  db: Db
  reader: Db
  clock: Clock
  vouching: AuthorityLimitsPort
}

type Filters = Parsed<typeof userTransfer.export>['search']

/** Records the export in the audit. */
export async function exportUsers(
  { db, reader, clock }: Pick<TransferContext, 'db' | 'reader' | 'clock'>,
  filters: Filters,
  { caller, request }: By,
): Promise<Streamed> {
  await db
    .transaction()
    .execute((trx) =>
      recordEvent(trx, clock, { action: 'users.exported', actor: actorOf(caller, request), after: { filters } }),
    )
  return {
    mediaType: 'text/csv',
    fileName: `gatehouse-users-${timestamp(clock).slice(0, 10)}.csv`,
    chunks: asCsv(usersInSlices(reader, filters), columns),
  }
}

const columns: Columns<User> = {
  ...({
    username: ({ username }) => username,
    displayName: ({ displayName }) => displayName,
    kind: ({ kind }) => kind,
    grantTypes: ({ grantTypes }) => writeGrants(grantTypes),
    roles: ({ roleNames }) => roleNames.join(entrySeparator),
    mqttPublishPrefix: ({ mqttPublishPrefix }) => mqttPublishPrefix,
    tags: ({ tags }) => tags.join(entrySeparator),
  } satisfies Record<(typeof userColumns)[number], (user: User) => string | null>),
  identityProvider: ({ identityProvider }) => identityProvider,
  secondFactor: ({ mfa }) => (mfa.enabled ? 'on' : mfa.demanded ? 'missing' : 'off'),
  disabledAt: ({ disabledAt }) => disabledAt,
  lastSignInAt: ({ lastSignInAt }) => lastSignInAt,
  createdAt: ({ createdAt }) => createdAt,
  id: ({ id }) => id,
}
