/** The socket file between the console's port and the broker's thread. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An address of a socket file has 108 bytes on Linux and 104 on others, with a NUL at the end. */
const maxBytes = 100

export interface PrivateSocket {
  path: string
  remove(): Promise<void>
}

/** In the data folder, which only this user can open. In a new folder for temporary files if the path would be too long. */
export async function choosePrivateSocket(dataDir: string): Promise<PrivateSocket> {
  const path = join(dataDir, 'mqtt.sock')
  if (Buffer.byteLength(path) <= maxBytes) return { path, remove: () => rm(path, { force: true }) }
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  return { path: join(folder, 'mqtt.sock'), remove: () => rm(folder, { recursive: true, force: true }) }
}
