import type { MosquittoState, mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import type { BrokerSet } from '../inventory/broker-set.ts'
import { ControlError } from './control-client.ts'
import { FirstLoadError } from './first-load.ts'
import { LocalMosquitto } from './local-adapter.ts'
import { presentMosquitto } from './present.ts'

export interface MosquittoContext {
  db: Db
  clock: Clock
  brokers: BrokerSet
}

export function mosquittoRoutes(context: MosquittoContext): Bindings<typeof mosquitto> {
  return {
    view: ({ params: { id } }) => presentMosquitto(find(context, id)),
    lookForDrift: async ({ params: { id } }) => {
      const adapter = find(context, id)
      await orAway(() => adapter.lookForDrift())
      return presentMosquitto(adapter)
    },
    restore: ({ params: { id }, ...by }) => restore(context, { id, ...by }),
    writeFirstLoad: async ({ params: { id }, ...by }) => {
      const adapter = find(context, id)
      await record(context, { adapter, action: 'broker.prepared', ...by })
      return { users: await writeFirstLoad(adapter) }
    },
  }
}

async function restore(context: MosquittoContext, { id, ...by }: By & { id: string }): Promise<MosquittoState> {
  const adapter = find(context, id)
  await record(context, { adapter, action: 'broker.restored', ...by })
  await orAway(() => adapter.restore())
  return presentMosquitto(adapter)
}

/** Before it is done: what happens on another program cannot be taken back together with a transaction. */
async function record(
  { db, clock }: MosquittoContext,
  { adapter, action, caller, request }: By & { adapter: LocalMosquitto; action: 'broker.restored' | 'broker.prepared' },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    await recordEvent(trx, clock, { action, actor: actorOf(caller, request), target: auditTarget.broker(adapter) })
  })
}

async function writeFirstLoad(adapter: LocalMosquitto): Promise<number> {
  try {
    return await adapter.writeFirstLoad()
  } catch (error) {
    if (error instanceof FirstLoadError && error.code === 'running') throw new Problem('broker_running')
    const isFileFault = error instanceof FirstLoadError || (error instanceof Error && 'syscall' in error)
    if (isFileFault) throw new Problem('file_refused', { detail: error.message })
    throw error
  }
}

function find({ brokers }: MosquittoContext, id: string): LocalMosquitto {
  const adapter = brokers.find(id)
  if (!(adapter instanceof LocalMosquitto)) throw new Problem('not_found')
  return adapter
}

async function orAway(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ControlError) throw new Problem('broker_away')
    throw error
  }
}
