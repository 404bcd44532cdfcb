import type { Permission } from '@gatehouse/contract/access/permission'
import { type MosquittoPreview, maxListed } from '@gatehouse/contract/brokers/mosquitto-import'
import { digestOf, obstaclesFor, type Plan } from './plan.ts'

/** What the caller is shown. The lists are bounded, the totals count all. */
export async function presentPlan(plan: Plan, held: readonly Permission[]): Promise<MosquittoPreview> {
  const { users, roles, trust, existingUsers } = plan
  const findings = plan.findings.list()
  const weighing = (weight: string) => findings.filter((finding) => finding.weight === weight).length
  return {
    digest: await digestOf(plan),
    totals: {
      users: users.length,
      existingUsers,
      roles: roles.filter(({ existing }) => !existing).length,
      permissions: [...users, ...roles].reduce((sum, { permissions }) => sum + permissions.length, 0),
      authorities: trust.inspected.length,
      crls: trust.lists.length,
      lost: weighing('lost'),
      changed: weighing('changed'),
      notes: weighing('note'),
    },
    users: users.slice(0, maxListed).map(({ hash, ...user }) => ({ ...user, hasPassword: hash !== null })),
    roles: roles.slice(0, maxListed).map(({ existing, ...role }) => ({ ...role, exists: existing !== null })),
    authorities: trust.inspected.slice(0, maxListed).map(({ certificate, file }) => ({
      fingerprint: certificate.fingerprint,
      name: certificate.commonName ?? certificate.subject,
      subject: certificate.subject,
      notAfter: certificate.notAfter,
      file,
    })),
    crls: trust.lists.slice(0, maxListed).map(({ list, file }) => ({
      issuer: list.issuer,
      entries: list.count,
      thisUpdate: list.thisUpdate.toISOString(),
      file,
    })),
    findings: findings.slice(0, maxListed),
    obstacles: obstaclesFor(plan, held),
  }
}
