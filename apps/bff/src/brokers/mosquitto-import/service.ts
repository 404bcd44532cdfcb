/** Previews and imports. An import runs in this process and writes in one transaction: if the process ends first, nothing is imported. */
import { setImmediate } from 'node:timers/promises'
import type { MosquittoImport, mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import type { Logger } from 'pino'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'
import type { By } from '../../platform/http/request.ts'
import { type ApplyContext, hashPasswords, writePlan } from './apply-plan.ts'
import type { ImportRun, ImportRuns } from './import-runs.ts'
import { callerAsImporter } from './importer.ts'
import { digestOf, makePlan, type Plan } from './plan.ts'
import { presentPlan } from './present-plan.ts'
import { readDraft } from './read-draft.ts'

export interface MosquittoImportContext extends ApplyContext {
  reader: Db
  enforcers: Enforcers
  imports: ImportRuns
  log: Pick<Logger, 'error'>
}

type Given = Parsed<typeof mosquittoImports.preview>['body']

export async function previewImport(
  { reader, clock }: Pick<MosquittoImportContext, 'reader' | 'clock'>,
  { files, underDeny, caller }: Given & Pick<By, 'caller'>,
): Promise<Answer<typeof mosquittoImports.preview>> {
  // The body was parsed in one step. Other requests run before the next long one.
  await setImmediate()
  return presentPlan(await makePlan({ reader, clock }, await readDraft(files, { underDeny })), caller.permissions)
}

/** Starts the import and answers at once. */
export async function startImport(
  context: MosquittoImportContext,
  { files, underDeny, digest, caller, request }: Given & { digest: string } & By,
): Promise<MosquittoImport> {
  const { imports, clock } = context
  if (imports.isBusy) throw new Problem('import_running')
  const run = imports.begin(newId(clock.now()), caller.userId)
  try {
    // The body was parsed in one step. Other requests run before the next long one.
    await setImmediate()
    const plan = await makePlan(context, await readDraft(files, { underDeny }))
    if ((await digestOf(plan)) !== digest) throw new Problem('import_changed')
    run.passwords = plan.users.filter(({ hash }) => hash).length
    imports.follow(finish(context, { run, plan, by: { caller, request } }))
  } catch (error) {
    run.state = 'failed'
    throw error
  }
  return run
}

async function finish(
  context: MosquittoImportContext,
  { run, plan, by }: { run: ImportRun; plan: Plan; by: By },
): Promise<void> {
  try {
    const hashes = await hashPasswords(plan.users, (hashed) => {
      run.hashed = hashed
      return run.state === 'hashing'
    })
    if (!hashes) return
    run.state = 'writing'
    const { created, sequences } = await writePlan(context, { plan, hashes, importer: callerAsImporter(by) })
    await context.enforcers.waitFor(sequences)
    run.created = created
    run.state = 'done'
  } catch (error) {
    run.problem = error instanceof Problem ? error.code : 'internal'
    run.state = 'failed'
    if (!(error instanceof Problem)) context.log.error({ err: error }, 'the import from Mosquitto failed')
  }
}

type Asked = { id: string } & Pick<By, 'caller'>

export function viewImport({ imports }: MosquittoImportContext, { id, caller }: Asked): MosquittoImport {
  return imports.require(id, caller.userId)
}

/** Has no effect once the import is being written. */
export function cancelImport({ imports }: MosquittoImportContext, { id, caller }: Asked): MosquittoImport {
  const run = imports.require(id, caller.userId)
  if (run.state === 'hashing') run.state = 'cancelled'
  return run
}
