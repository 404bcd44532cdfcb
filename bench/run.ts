/**
 * `npm run bench`: measures Gatehouse and its competitors in turn and writes the results. `-- --only mtls` runs one part,
 * `-- --smoke` runs a little of each part, as a test. It writes nothing, and its figures mean nothing.
 */
import { parseArgs } from 'node:util'
import { bringOutsideTools } from '../scripts/outside-tools.ts'
import type { Bench, Measured, Part } from './part.ts'
import { agents } from './parts/agents.ts'
import { attackers } from './parts/attackers.ts'
import { closing } from './parts/closing.ts'
import { directory } from './parts/directory.ts'
import { durable } from './parts/durable.ts'
import { edge } from './parts/edge.ts'
import { idle } from './parts/idle.ts'
import { lighthouse } from './parts/lighthouse.ts'
import { list } from './parts/list.ts'
import { listeners } from './parts/listeners.ts'
import { livePage } from './parts/live-page.ts'
import { mosquitto } from './parts/mosquitto.ts'
import { mosquittoRole } from './parts/mosquitto-role.ts'
import { mtls } from './parts/mtls.ts'
import { publish } from './parts/publish.ts'
import { resting } from './parts/resting.ts'
import { signIn } from './parts/sign-in.ts'
import { sizes } from './parts/sizes.ts'
import { starting } from './parts/starting.ts'
import { storms } from './parts/storm.ts'
import { topics } from './parts/topics.ts'
import { users } from './parts/users.ts'
import { webSocket } from './parts/websocket.ts'
import { formatTable, writeResults } from './results.ts'
import { Installations } from './sides/gatehouse.ts'

const parts: Part[] = [
  sizes,
  lighthouse,
  starting,
  list,
  signIn,
  publish,
  webSocket,
  topics,
  livePage,
  durable,
  attackers,
  resting,
  idle,
  mtls,
  closing,
  listeners,
  edge,
  agents,
  mosquitto,
  mosquittoRole,
  directory,
  storms,
  users,
]

const coveredElsewhere: readonly Part[] = [sizes, starting, livePage, lighthouse]

const { values: options } = parseArgs({
  options: { only: { type: 'string', multiple: true }, smoke: { type: 'boolean', default: false } },
})
const unknown = options.only?.find((name) => !parts.some((part) => part.name === name))
if (unknown !== undefined) {
  throw new Error(`There is no part "${unknown}"; there are: ${parts.map(({ name }) => name).join(', ')}.`)
}
const missing = await bringOutsideTools({ isAll: false })
if (missing.length > 0) throw new Error('Without these there is nothing to compare with.')

const installations = new Installations()
const bench: Bench = {
  installations,
  rounds: options.smoke ? 1 : 5,
  few: (full, smoke) => (options.smoke ? smoke : full),
  say: (line) => console.log(`  ${line}`),
}
const measured: Measured = { rows: [], growth: [] }
try {
  for (const part of parts) {
    if (options.only && !options.only.includes(part.name)) continue
    // Other tests already cover three of these parts, and Lighthouse is not installed where tests run.
    if (options.smoke && !options.only && coveredElsewhere.includes(part)) continue
    const startedAt = performance.now()
    console.log(`${part.name} …`)
    const { rows, growth = [] } = await part.run(bench)
    await installations.stopAll()
    console.log(formatTable(rows))
    console.log(`  ${Math.round((performance.now() - startedAt) / 1_000)} s\n`)
    measured.rows.push(...rows)
    measured.growth?.push(...growth)
  }
} finally {
  await installations.remove()
}
if (!options.smoke) await writeResults(measured, { isWhole: !options.only })
