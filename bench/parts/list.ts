/** Measures the list of users beside an Express that answers the same bytes from memory. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/free-port.ts'
import { makePlant } from '../identities.ts'
import { requestRepeatedly } from '../load/requests.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer, residentBytes } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { startChild } from '../sides/child.ts'

const bareExpress = fileURLToPath(new URL('../sides/bare-express.ts', import.meta.url))
const connections = 4

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const requests = few(2_000, 50)
  const { gatehouse, token } = await installations.start(few(100_000, 100))
  const path = '/api/users?limit=25'
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch(gatehouse.url + path, { headers })
  const { folder } = await makePlant(0)
  const file = join(folder, 'users.json')
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
  const port = await freePort()
  const bare = await startChild(process.execPath, [bareExpress, String(port), file], port)
  const memory = await inTurn(rounds, {
    ours: () => residentBytes(gatehouse.pid),
    bare: () => residentBytes(bare.pid),
  })
  const perSecond = async (pid: number, base: string) =>
    1_000 /
    (await cpuMsPer(pid, requests, () =>
      requestRepeatedly({ url: new URL(path, base), headers }, requests, connections),
    ))
  const sides = {
    ours: () => perSecond(gatehouse.pid, gatehouse.url),
    bare: () => perSecond(bare.pid, `http://127.0.0.1:${port}`),
  }
  await inTurn(1, sides)
  const measured = await inTurn(rounds, sides)
  await bare.stop()
  const goal = {
    name: 'List of users, 100,000 of them, again and again, beside bare Express',
    unit: 'requests per second of CPU',
    target: 0.5,
    atLeast: true,
  }
  return {
    rows: [
      makeRow(goal, measured.ours, measured.bare),
      makeRow(
        { name: 'Memory at rest, 100,000 users, beside bare Express', unit: 'bytes', target: 3 },
        memory.ours,
        memory.bare,
      ),
    ],
  }
}

export const list = { name: 'list', run: measure }
