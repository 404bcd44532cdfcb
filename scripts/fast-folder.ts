/** Temporary files in memory: the databases of the tests wait for the disk at each commit otherwise. */
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const memory = '/dev/shm'
/** A run needs less than a tenth. A container often has 64 MiB. */
const enoughBytes = 4 * 1024 ** 3

/** Sets `TMPDIR` for this process and its children until it ends. Nothing changes on a machine without such a folder. */
export function takeFastFolder(): void {
  if (process.env['TMPDIR'] !== undefined || freeBytes() < enoughBytes) return
  const folder = mkdtempSync(`${memory}/gatehouse-`)
  // Root starts PostgreSQL and Mosquitto as other users.
  chmodSync(folder, 0o755)
  process.env['TMPDIR'] = folder
  console.log(`Temporary files: ${tmpdir()}`)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize
  } catch {
    return 0
  }
}
