/**
 * Remembers beside the CAs that Mosquitto has not yet taken up the files. The console or the agent can be killed between the change
 * of the files, the SIGHUP and the end of connections: the next start finds the mark and does the rest.
 */
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** `signal`: Mosquitto must read the files again. `kick`: then connections must end, too. */
export type Pending = 'signal' | 'kick'

/** OpenSSL does not look up this name. */
export const pendingName = '.gatehouse-pending'

/** A weaker mark never replaces a stronger one. */
export async function markPending(capath: string, pending: Pending): Promise<void> {
  if ((await readPending(capath)) === 'kick') return
  const file = await open(join(capath, pendingName), 'w', 0o644)
  try {
    await file.writeFile(pending)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Null: Mosquitto has everything. */
export async function readPending(capath: string): Promise<Pending | null> {
  const text = await readFile(join(capath, pendingName), 'utf8').catch(() => null)
  if (text === null) return null
  // A mark that was cut off counts as the stronger one.
  return text === 'signal' ? 'signal' : 'kick'
}

export async function clearPending(capath: string): Promise<void> {
  await rm(join(capath, pendingName), { force: true })
}
