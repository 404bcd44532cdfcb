/**
 * The console writes files of another program only below folders that the operator has named (`GATEHOUSE_BROKER_FOLDERS`). Paths
 * come from an administrator in the browser, who must not be able to write anywhere on the server.
 */
import { realpath } from 'node:fs/promises'
import { dirname, sep } from 'node:path'

/** True if the path lies in one of the folders after all links are followed. The file itself need not exist. */
export async function isAllowed(path: string, folders: readonly string[]): Promise<boolean> {
  const place = (await realOrNull(path)) ?? (await realOrNull(dirname(path)))
  if (place === null) return false
  for (const folder of folders) {
    const allowed = await realOrNull(folder)
    if (allowed !== null && (place === allowed || place.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep))) {
      return true
    }
  }
  return false
}

async function realOrNull(path: string): Promise<string | null> {
  return realpath(path).catch(() => null)
}
