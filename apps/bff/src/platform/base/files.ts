import { open, readFile, rename } from 'node:fs/promises'
import { BadSettings } from './bad-settings.ts'

/** Returns the file's text, or null if the file does not exist. */
export async function readFileIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    // For a directory, Node's message does not name the path.
    throw new BadSettings([`${path} cannot be read (${message})`], { cause: error })
  }
}

/**
 * Writes a draft beside the file, syncs and renames it. After a power cut the file is the old one or the new one, never
 * a part.
 */
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
