/** Verifies one password a given number of times and prints the CPU milliseconds of one verification. */
import { hash, verify } from '@node-rs/argon2'

const count = Number(process.argv[2])
const password = 'a long password for measuring'
// The parameters of apps/bff/src/identity/passwords/hashing.ts: argon2id, 46 MiB, one pass, one lane.
const stored = await hash(password, { memoryCost: 46 * 1024, timeCost: 1, parallelism: 1 })
const before = process.cpuUsage()
for (let done = 0; done < count; done++) {
  if (!(await verify(stored, password))) throw new Error('Not verified')
}
const { user, system } = process.cpuUsage(before)
process.stdout.write(String((user + system) / 1_000 / count))
