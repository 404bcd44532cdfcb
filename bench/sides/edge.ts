/** The HTTP edge and a bare proxy, before the same server. */
import { fileURLToPath } from 'node:url'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { freePort } from '../../scripts/free-port.ts'
import { makeServerCertificate, type Plant } from '../identities.ts'
import type { Target } from '../load/connections.ts'
import { type Child, startChild } from './child.ts'
import { addMachines, type Installations, type Ours, trust } from './gatehouse.ts'

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** A process with an inspector, and where devices connect to it. */
export interface EdgeSide {
  pid: number
  inspectorPort: number
  target: Target
}

export interface EdgeSides {
  ours: Ours
  edge: EdgeSide
  bare: EdgeSide
  /** Stops all but Gatehouse. */
  stop(): Promise<void>
}

export async function startEdgeSides(
  installations: Installations,
  { plant, userCount }: { plant: Plant; userCount: number },
): Promise<EdgeSides> {
  const upstreamPort = await freePort()
  const upstream = await startChild(process.execPath, [pathOf('upstream.ts'), String(upstreamPort)], upstreamPort)
  const ours = await installations.start(userCount)
  const edge = await openEdge(ours, plant, upstreamPort)
  const { child, side } = await startBareProxy(plant, upstreamPort)
  return { ours, edge, bare: side, stop: async () => void (await Promise.all([child.stop(), upstream.stop()])) }
}

async function openEdge(ours: Ours, plant: Plant, upstreamPort: number): Promise<EdgeSide> {
  const { call, gatehouse, inspectorPort } = ours
  await trust(call, plant.authority.certificatePem)
  await addMachines(call, plant.machines, { context: 'edge', resource: '/bench/#', operation: 'readWrite' })
  const origin = `http://127.0.0.1:${upstreamPort}`
  const { id } = await call(upstreams.create, { body: { name: 'bench', origin, maxRequestBytes: null } })
  const body = { name: 'bench-edge', purpose: 'device-http' as const, address: '127.0.0.1', port: 0, upstream: id }
  const { status } = await call(listeners.create, { body })
  if (status.boundPort === null) throw new Error(`The listener is not open: ${status.error}`)
  return { pid: gatehouse.pid, inspectorPort, target: targetOf(status.boundPort) }
}

async function startBareProxy(plant: Plant, upstreamPort: number): Promise<{ child: Child; side: EdgeSide }> {
  const port = await freePort()
  const inspectorPort = await freePort()
  const { cert, key } = await makeServerCertificate(plant)
  const args = [port, upstreamPort, cert, key, plant.authorityFile].map(String)
  const inspect = `--inspect-port=127.0.0.1:${inspectorPort}`
  const child = await startChild(process.execPath, [inspect, pathOf('bare-proxy.ts'), ...args], port)
  return { child, side: { pid: child.pid, inspectorPort, target: targetOf(port) } }
}

function targetOf(port: number): Target {
  return { host: '127.0.0.1', port, speaks: 'http' }
}
