/** Commits until the disk is full, then once more with little: `node full-disk-process.ts FOLDER`. It prints what was committed. */
import { openLogStore } from '../log-store.ts'

const store = await openLogStore(process.argv[2] ?? '')
const kept: string[] = []

async function commit(key: string, bytes: number): Promise<boolean> {
  try {
    await store.commit({ puts: [{ kind: 'retained', key, fields: '{}', body: Buffer.alloc(bytes) }], deletes: [] })
    kept.push(`retained ${key}`)
    return true
  } catch {
    return false
  }
}

for (let i = 0; i < 100; i++) if (!(await commit(`large ${i}`, 10_000))) break
await commit('small', 100)
await store.close()
process.stdout.write(JSON.stringify(kept))
