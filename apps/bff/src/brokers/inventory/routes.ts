import type { brokers as brokersFeature } from '@gatehouse/contract/brokers/brokers'
import { BrokerKind, embeddedBrokerId, type TestStep } from '@gatehouse/contract/brokers/inventory'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import type { BrokerAdapter } from './adapter.ts'
import { newBroker } from './draft.ts'
import { presentAll, presentEmbedded, presentOne } from './present.ts'
import { type Target, testConnection, testStrangers } from './probe.ts'
import { createBroker, type InventoryContext, removeBroker, requireBroker, updateBrokerBy } from './service.ts'
import { listBrokers } from './store.ts'

/** A test opens several connections to a place that a person names. */
const maxTests = 4

export function inventoryRoutes(context: InventoryContext): Bindings<typeof brokersFeature> {
  const { reader, adapters, brokers } = context
  let running = 0
  const inTurn = async (test: () => Promise<TestStep[]>) => {
    if (running >= maxTests) throw new Problem('throttled', { retryAfterSeconds: 10 })
    running++
    try {
      return { steps: await test() }
    } finally {
      running--
    }
  }
  return {
    list: async () => ({
      items: await presentAll(context, await listBrokers(reader)),
      kinds: BrokerKind.options.filter((kind) => adapters[kind] !== undefined),
    }),
    view: async ({ params: { id } }) =>
      id === embeddedBrokerId ? presentEmbedded(context) : presentOne(context, await requireBroker(reader, id)),
    create: (given) => createBroker(context, given),
    update: ({ params: { id }, ...given }) => updateBrokerBy(context, { id: requireStored(id), ...given }),
    remove: ({ params: { id }, ...by }) => removeBroker(context, { id: requireStored(id), ...by }),
    test: async ({ params: { id } }) => {
      const adapter = brokers.find(id)
      if (!adapter) await requireBroker(reader, id)
      return inTurn(() => testAdapter(context, adapter))
    },
    testNew: async ({ body }) => {
      const { host, port, ...row } = await newBroker(body, context)
      return inTurn(async () => (host === null || port === null ? [] : testDraft({ ...row, host, port }, body)))
    },
  }
}

function requireStored(id: string): string {
  if (id === embeddedBrokerId) throw new Problem('built_in')
  return id
}

async function testAdapter({ brokers }: InventoryContext, adapter: BrokerAdapter | undefined): Promise<TestStep[]> {
  const steps = adapter && (await brokers.test(adapter))
  return steps ?? [{ step: 'control', outcome: 'failed', problem: adapter ? 'no_answer' : 'no_adapter', detail: null }]
}

/** Without the adapter, which would begin to write. */
async function testDraft(
  row: Target & { settings: object; username: string | null },
  { username, password }: { username: string | null; password: string | null },
): Promise<TestStep[]> {
  const credentials = username === null || password === null ? null : { username, password }
  const steps = await testConnection(row, credentials)
  const ports = clientPorts(row.settings)
  return [...steps, ...(await testStrangers(row, { ports: [row.port, ...ports], username }))]
}

/** The listeners for clients that the settings name. */
function clientPorts(settings: object): number[] {
  const named = 'ports' in settings ? (settings.ports as Record<string, number | null>) : {}
  return Object.values(named).filter((port) => port !== null)
}
