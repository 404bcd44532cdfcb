import { open, readFile, rename } from 'node:fs/promises'
import { BadSettings } from './bad-settings.ts'

/** The file's text; null where there is none. */
export async function readFileIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    // Of a folder in its place Node does not say which.
    throw new BadSettings([`${path} cannot be read (${message})`], { cause: error })
  }
}

/** Writes beside the file, syncs, then renames: after a power cut there is the old file or the new one, never half of one. */
export async function writeFileSafely(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', mode)
  try {
    await file.chmod(mode)
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
