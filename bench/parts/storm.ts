/** 2,000 devices reconnect at once while an administrator works. Measures the console, and counts refused devices. */
import { setTimeout as wait } from 'node:timers/promises'
import { makePlant } from '../identities.ts'
import { storm } from '../load/storm.ts'
import type { Bench, Measured } from '../part.ts'
import { residentBytes } from '../process-figures.ts'
import { makeRow, percentile } from '../row.ts'
import { admit, type Ours } from '../sides/gatehouse.ts'

const explained = 'decisions/0043-what-memory-a-storm-leaves.md'

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const count = few(2_000, 50)
  const restMs = few(10_000, 0)
  const plant = await makePlant(few(500, 20))
  const ours = await installations.start(few(100_000, 100))
  await admit(ours.call, plant.authority.certificatePem, plant.machines)
  const order = { target: ours.tls, count, machines: plant.machines.map(({ pems }) => pems) }
  const seconds95: number[] = []
  const refused: number[] = []
  await storm(ours, order)
  const memoryBefore = await residentAfter(restMs, ours)
  for (let round = 0; round < rounds; round++) {
    say(`storm ${round + 1} of ${rounds} …`)
    const { clicks, outcome } = await storm(ours, order)
    for (const failure of outcome.failures.slice(0, 3)) say(failure)
    seconds95.push(percentile(clicks, 0.95) / 1_000)
    refused.push(outcome.failures.length)
  }
  const memoryAfter = await residentAfter(restMs, ours)
  return {
    rows: [
      makeRow({ name: `Storm of ${count}: p95 of a click in the console`, unit: 's', target: 0.25 }, seconds95, null),
      makeRow(
        { name: `Storms of ${count}: machines turned away in all`, unit: 'machines', target: 0 },
        [sum(refused)],
        null,
      ),
      makeRow(
        { name: 'Memory after the storms, beside before', unit: 'bytes', target: 1.25, explained },
        [memoryAfter],
        [memoryBefore],
      ),
    ],
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

export const storms = { name: 'storm', run: measure }

/** Waits until the server has cleaned up after the storm. */
async function residentAfter(restMs: number, { gatehouse }: Ours): Promise<number> {
  await wait(restMs)
  return residentBytes(gatehouse.pid)
}
