/** Reads the folder of a Mosquitto broker. It follows no link, so that nothing outside of the folder is read. */
import type { Dirent } from 'node:fs'
import { open, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { FindingCode } from '@gatehouse/contract/brokers/mosquitto-import'
import { maxImportFiles } from '@gatehouse/contract/brokers/mosquitto-import'
import type { Findings } from './findings.ts'
import type { GivenFile } from './source-lines.ts'

/** Bytes of one file, and of all together. */
const maxFileBytes = 128 * 1024 * 1024
const maxFolderBytes = 256 * 1024 * 1024
const maxDepth = 8

interface Reading {
  root: string
  findings: Findings
  files: GivenFile[]
  bytes: number
}

/** Throws the error of the file system if the folder itself cannot be read. */
export async function readFolder(folder: string, findings: Findings): Promise<GivenFile[]> {
  const root = await realpath(folder)
  const reading: Reading = { root, findings, files: [], bytes: 0 }
  await readEntries(reading, root, 0)
  return reading.files
}

async function readEntries(reading: Reading, folder: string, depth: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth < maxDepth) await readEntries(reading, path, depth + 1)
    else if (entry.isFile() && reading.files.length < maxImportFiles) await readFile(reading, path)
    else await leaveOut(reading, path, entry)
  }
}

async function readFile(reading: Reading, path: string): Promise<void> {
  const handle = await open(path).catch(() => null)
  if (!handle) return say(reading, path, 'file_unreadable')
  try {
    const { size } = await handle.stat()
    if (size > maxFileBytes || reading.bytes + size > maxFolderBytes) return say(reading, path, 'file_unreadable')
    reading.bytes += size
    reading.files.push({ path: pathIn(reading, path), text: await handle.readFile('utf8') })
  } finally {
    await handle.close()
  }
}

/** A link to a file within the folder needs no word: that file is read itself. */
async function leaveOut(reading: Reading, path: string, entry: Dirent): Promise<void> {
  if (!entry.isSymbolicLink()) return say(reading, path, 'file_unreadable')
  const target = await realpath(path).catch(() => null)
  if (target === null || !target.startsWith(reading.root + sep)) say(reading, path, 'link_not_followed')
}

function say(reading: Reading, path: string, code: FindingCode): void {
  reading.findings.add(code, { file: pathIn(reading, path), line: null, text: '' })
}

function pathIn({ root }: Reading, path: string): string {
  return relative(root, path).split(sep).join('/')
}
