/** Measures how fast a listener is added, changed and removed with many connections on another one, and that those stay. */
import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { type ListenerCreate, listeners as routes, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { freePort } from '../../scripts/free-port.ts'
import { type Identity, makePlant } from '../identities.ts'
import { connectAndStay, open, pick, type Target } from '../load/connections.ts'
import type { Bench, Measured } from '../part.ts'
import { makeRow, type Row } from '../row.ts'
import { admit, type Ours } from '../sides/gatehouse.ts'

/** On the listener that is changed and removed. */
const ownConnections = 20
const atOnce = 16

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  const plant = await makePlant(few(500, 10))
  await admit(ours.call, plant.authority.certificatePem, plant.machines)
  say('connections on another listener …')
  const others = await connectAndStay(ours.tls, plant.machines, { count: few(5_000, 50), atOnce, prefix: 'other-' })
  const dropped = new Set<TLSSocket>()
  for (const socket of others) socket.resume().once('close', () => dropped.add(socket))
  const seconds: Seconds[] = []
  for (let round = 0; round < rounds; round++) seconds.push(await live(ours, plant.machines))
  const rows = [
    row('added, until it admits a client', seconds, 'added'),
    row('changed, until its connections have ended and it admits a client', seconds, 'changed'),
    row('removed, until its connections have ended', seconds, 'removed'),
    makeRow(
      { name: 'Connections of the other listener that ended', unit: 'connections', target: 0 },
      [dropped.size],
      null,
    ),
  ]
  for (const socket of others) socket.destroy()
  return { rows }
}

export const listeners = { name: 'listeners', run: measure }

interface Seconds {
  added: number
  changed: number
  removed: number
}

/** The life of one listener. */
async function live({ call }: Ours, machines: readonly Identity[]): Promise<Seconds> {
  const body: ListenerCreate = { name: 'bench-listener', address: '127.0.0.1', port: await freePort() }
  const startedAt = performance.now()
  const { id, status } = await call(routes.create, { body })
  const target = targetOf(status)
  await admitOne(target, machines)
  const added = (performance.now() - startedAt) / 1_000
  const first = await stay(target, machines)
  const changed = await secondsOf(async () => {
    // Connections that may have an earlier version of TLS cannot go on.
    await call(routes.update, { params: { id }, body: { minimumTlsVersion: '1.3' } })
    await first.ended
    await admitOne(target, machines)
  })
  const second = await stay(target, machines)
  const removed = await secondsOf(async () => {
    await call(routes.remove, { params: { id } })
    await second.ended
  })
  return { added, changed, removed }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}

async function admitOne(target: Target, machines: readonly Identity[]): Promise<void> {
  const socket = await open(target, pick(machines, 0), 'bench-first')
  socket.destroy()
}

async function stay(target: Target, machines: readonly Identity[]): Promise<{ ended: Promise<unknown> }> {
  const sockets = await connectAndStay(target, machines, { count: ownConnections, atOnce, prefix: 'own-' })
  const ends = sockets.map(async (socket) => {
    socket.resume().on('error', () => {})
    await once(socket, 'close')
  })
  return { ended: Promise.all(ends) }
}

function targetOf({ boundPort, error }: StoredListener['status']): Target {
  if (boundPort === null) throw new Error(`The listener is not open: ${error}`)
  return { host: '127.0.0.1', port: boundPort, speaks: 'mqtt' }
}

function row(what: string, measured: readonly Seconds[], step: keyof Seconds): Row {
  const goal = { name: `A listener ${what}; 5,000 connections on another`, unit: 's', target: 1 }
  return makeRow(
    goal,
    measured.map((seconds) => seconds[step]),
    null,
  )
}
