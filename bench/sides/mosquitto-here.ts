/** A Mosquitto on the machine of the console, as docs/brokers/mosquitto.md describes it, with its first load. */
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { users } from '@gatehouse/contract/identity/users'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../../e2e/support/mosquitto-broker.ts'
import { percentile } from '../row.ts'
import type { Installations, Ours } from './gatehouse.ts'

export interface LoadedMosquitto {
  ours: Ours
  broker: MosquittoBroker
  id: string
}

export interface FirstLoad {
  /** From the request that adds the broker until it has applied everything. */
  seconds: number
  /** p95 of a page of users in the console meanwhile. */
  listSeconds: number
  /** With rights on this Mosquitto. */
  users: number
}

const longestMs = 600_000

/** Starts an installation that may write the files of a new Mosquitto. The Mosquitto does not run yet. */
export async function makeMosquittoSide(installations: Installations, userCount: number) {
  const broker = await makeMosquitto()
  const ours = await installations.start(userCount, { GATEHOUSE_BROKER_FOLDERS: broker.folder })
  return { ours, broker }
}

/** Adds the broker, writes the file of dynamic-security, starts Mosquitto, and waits until the console says that all is applied. */
export async function loadFirst({ call }: Ours, broker: MosquittoBroker): Promise<FirstLoad & { id: string }> {
  const { capath, crlFile, pidFile, dynsecFile, ports } = broker
  const clientPorts = { certificate: ports.certificate, password: ports.password }
  // The users of the installation have passwords only.
  const settings = { capath, crlFile, pidFile, dynsecFile, ports: clientPorts, admitsPasswordOnly: true }
  const place = { host: '127.0.0.1', port: ports.control, tls: false, ...controlUser }
  const startedAt = performance.now()
  const { id } = await call(brokers.create, { body: { kind: 'mosquitto', name: 'bench-hall', ...place, settings } })
  const { users: count } = await call(mosquitto.writeFirstLoad, { params: { id } })
  await broker.start()
  const lists: number[] = []
  do {
    if (performance.now() - startedAt > longestMs) throw new Error('The first load did not end')
    const askedAt = performance.now()
    await call(users.list, { search: {} })
    lists.push((performance.now() - askedAt) / 1_000)
  } while (!(await isApplied(call, id)))
  return { id, users: count, seconds: (performance.now() - startedAt) / 1_000, listSeconds: percentile(lists, 0.95) }
}

export async function isApplied(call: Ours['call'], id: string): Promise<boolean> {
  const { lag, state } = await call(brokers.view, { params: { id } })
  return lag === 0 && state.reachable
}
