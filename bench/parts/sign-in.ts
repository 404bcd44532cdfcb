/** Measures a sign-in beside one argon2id verification. */
import { fileURLToPath } from 'node:url'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { succeed } from '../../e2e/support/outside.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { admin } from '../sides/gatehouse.ts'

const argon2 = fileURLToPath(new URL('../sides/argon2.ts', import.meta.url))

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const signIns = few(100, 3)
  const { gatehouse } = await installations.start(few(100_000, 100))
  const call = createClient({ baseUrl: gatehouse.url })
  const sides = {
    ours: () =>
      cpuMsPer(gatehouse.pid, signIns, async () => {
        for (let done = 0; done < signIns; done++) await call(session.signIn, { body: admin })
      }),
    argon2: async () => Number(await succeed(process.execPath, [argon2, String(signIns)])),
  }
  await inTurn(1, sides)
  const measured = await inTurn(rounds, sides)
  const goal = {
    name: 'Sign-in, beside one argon2id verification',
    unit: 'ms of CPU',
    target: 1.15,
    explained: 'decisions/0070-what-a-sign-in-costs.md',
  }
  return { rows: [makeRow(goal, measured.ours, measured.argon2)] }
}

export const signIn = { name: 'sign-in', run: measure }
