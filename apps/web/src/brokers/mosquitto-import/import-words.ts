import type { MosquittoImport } from '@gatehouse/contract/brokers/mosquitto-import'
import { plural } from '@lingui/core/macro'

/** What is created: "300 users, 1 new role, 1 CA certificate, 0 CRLs". */
export function createdWords({ users, roles, authorities, crls }: NonNullable<MosquittoImport['created']>): string {
  return [
    plural(users, { one: '# user', other: '# users' }),
    plural(roles, { one: '# new role', other: '# new roles' }),
    plural(authorities, { one: '# CA certificate', other: '# CA certificates' }),
    plural(crls, { one: '# CRL', other: '# CRLs' }),
  ].join(', ')
}
