/** The files that a person gives: dropped, chosen one by one, or a whole folder. Private keys stay in the browser. */
import { maxImportBytes, maxImportFiles } from '@gatehouse/contract/brokers/mosquitto-import'
import { t } from '@lingui/core/macro'

export interface ImportFile {
  path: string
  text: string
}

export interface GivenFiles {
  files: ImportFile[]
  /** Paths of files that were not sent, because they contain a private key. */
  keys: string[]
}

/** Why files cannot be sent. Its message is for the person. */
export class UnreadableFiles extends Error {}

export interface Given {
  path: string
  file: File
}

/** A dropped folder is read with everything in it. Call it in the event: the browser forgets the entries afterwards. */
export async function filesOf({ items }: Pick<DataTransfer, 'items'>): Promise<Given[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  return (await Promise.all(entries.map((entry) => filesBelow(entry)))).flat()
}

async function filesBelow(entry: FileSystemEntry): Promise<Given[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (isFile(entry)) return [{ path, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) }]
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const found: Given[] = []
  for (;;) {
    // The browser gives at most a hundred entries at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0 || found.length > maxImportFiles) return found
    found.push(...(await Promise.all(entries.map((each) => filesBelow(each)))).flat())
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

/** Files of an input: with their path in the chosen folder, or with their name. */
export function filesChosen(files: readonly File[]): Given[] {
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/** Leaves room for the names and for line ends, which JSON writes as two characters. */
const maxBytes = maxImportBytes * 0.9

/** Throws `UnreadableFiles` for more than the server takes. */
export async function readFiles(given: readonly Given[]): Promise<GivenFiles> {
  const total = given.reduce((sum, { file }) => sum + file.size, 0)
  if (total > maxBytes || given.length > maxImportFiles) {
    throw new UnreadableFiles(
      t`These files are too large for the browser. On the server, run: npm run admin -- import-mosquitto FOLDER`,
    )
  }
  const read: GivenFiles = { files: [], keys: [] }
  for (const { path, file } of given) {
    const text = await file.text()
    if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) read.keys.push(path)
    else read.files.push({ path, text })
  }
  if (read.files.length === 0) throw new UnreadableFiles(t`These files contain nothing that can be imported.`)
  return read
}
