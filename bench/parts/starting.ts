/** From `npm start` to the printed address, on an installation that was started before. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { end, follow } from '../../e2e/support/outside.ts'
import type { Bench, Measured } from '../part.ts'
import { inTurn, makeRow } from '../row.ts'

const root = resolve(import.meta.dirname, '../..')

async function measure({ rounds }: Bench): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
  const ports = { GATEHOUSE_HTTP_PORT: '0', GATEHOUSE_MQTT_PORT: '0', GATEHOUSE_MQTTS_PORT: '0' }
  const env = { ...process.env, ...ports, GATEHOUSE_DATA_DIR: folder }
  await start(env)
  const { ours } = await inTurn(rounds, { ours: () => start(env) })
  await rm(folder, { recursive: true, force: true })
  return { rows: [makeRow({ name: 'The second npm start', unit: 's', target: 2 }, ours, null)] }
}

export const starting = { name: 'start', run: measure }

async function start(env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now()
  const ready = Promise.withResolvers<number>()
  const child = follow(
    'npm',
    ['--prefix', root, 'start'],
    (line) => {
      if (/https?:\/\//.test(line)) ready.resolve((performance.now() - startedAt) / 1_000)
    },
    env,
  )
  child.once('close', () => ready.reject(new Error('npm start ended before it printed an address')))
  const seconds = await ready.promise
  await end(child)
  return seconds
}
