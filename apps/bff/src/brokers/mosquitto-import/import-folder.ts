/** The import from a folder, for a person at the machine: the same plan and the same transaction as by the API. */
import type { ImportFinding, UnderDeny } from '@gatehouse/contract/brokers/mosquitto-import'
import { makeVouching } from '../../certificates/authorities/confirm.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { hashPasswords, writePlan } from './apply-plan.ts'
import { Findings } from './findings.ts'
import { machineAsImporter } from './importer.ts'
import { makePlan, type Plan } from './plan.ts'
import { readDraft } from './read-draft.ts'
import { readFolder } from './read-folder.ts'

export interface FolderImport {
  folder: string
  /** Shows the plan and changes nothing. */
  isDryRun: boolean
  underDeny: UnderDeny
}

/** Returns the text for the terminal. Throws a problem if nothing can be imported. */
export async function importFolder(
  db: Db,
  clock: Clock,
  { folder, isDryRun, underDeny }: FolderImport,
): Promise<string> {
  const findings = new Findings()
  const files = await readFolder(folder, findings)
  const plan = await makePlan({ reader: db, clock }, await readDraft(files, { findings, underDeny }))
  if (isDryRun) return [...describe(plan), '', 'Nothing was imported: this was a dry run.'].join('\n')
  if (plan.users.length + plan.trust.inspected.length + plan.trust.lists.length === 0) {
    throw new Problem('import_empty', { detail: describe(plan).join('\n') })
  }
  const hashes = await hashPasswords(plan.users, () => true)
  const context = { db, clock, vouching: makeVouching(clock) }
  const { created } = await writePlan(context, { plan, hashes: hashes ?? [], importer: machineAsImporter })
  const { users, roles, authorities, crls } = created
  const total = `Imported ${users} users, ${roles} roles, ${authorities} CA certificates and ${crls} CRLs.`
  return [...describe(plan), '', total].join('\n')
}

function describe({ users, roles, trust, existingUsers, findings }: Plan): string[] {
  const passwords = users.filter(({ hash }) => hash).length
  return [
    `Users: ${users.length}, ${passwords} with a password. ${existingUsers} exist already and stay as they are.`,
    ...roles.map(
      ({ name, users: number, permissions, existing }) =>
        `Role "${name}"${existing ? ' (exists)' : ''}: ${permissions.length} permissions, ${number} users`,
    ),
    ...trust.inspected.map(({ certificate, file }) => `CA certificate ${certificate.subject} (${file})`),
    ...trust.lists.map(({ list, file }) => `CRL of ${list.issuer}: ${list.count} revoked certificates (${file})`),
    ...findings.list().map(describeFinding),
  ]
}

function describeFinding({ weight, code, file, line, text, users, firstUsers }: ImportFinding): string {
  const place = line === null ? file : `${file}:${line}`
  const whom = users === 0 ? '' : ` [${users === 1 ? firstUsers[0] : `${users} users`}]`
  return `${weight.toUpperCase().padEnd(8)}${place}: ${code}${text ? `: ${text}` : ''}${whom}`
}
