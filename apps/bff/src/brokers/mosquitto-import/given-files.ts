/** The given files: which one a path of `mosquitto.conf` means, and what a file is if no path names it. */
import type { Findings } from './findings.ts'
import type { GivenFile } from './source-lines.ts'

/** What a file is, by its content. */
export type FileKind = 'conf' | 'passwords' | 'acl' | 'dynsec' | 'certificates' | 'crl' | 'private-key' | 'unknown'

/** Characters at the beginning that are looked at. */
const lookedAt = 4_096

export function kindOf({ path, text }: GivenFile): FileKind {
  const head = text.slice(0, lookedAt)
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text)) return 'private-key'
  if (text.includes('-----BEGIN X509 CRL-----')) return 'crl'
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return 'certificates'
  if (/^\s*\{/.test(head) && /"(clients|roles|groups|defaultACLAccess)"/.test(head)) return 'dynsec'
  if (path.endsWith('.conf')) return 'conf'
  if (/^[^#:\n]+:\$(6|7|argon2id)\$/m.test(head)) return 'passwords'
  if (/^\s*(user|topic|pattern) \S/m.test(head)) return 'acl'
  return 'unknown'
}

/** Finds files by the paths of another machine: `/etc/mosquitto/passwd` means the given file that ends alike. */
export class GivenFiles {
  readonly #files: readonly GivenFile[]

  constructor(files: readonly GivenFile[]) {
    this.#files = files
  }

  /** The file whose path has most levels in common, counted from the end; null without one. */
  find(named: string): GivenFile | null {
    return best(this.#files, ({ path }) => commonEnd(levelsOf(path), levelsOf(named)))
  }

  /** The files directly in this folder. The given folder may be the named one itself. */
  inFolder(named: string): GivenFile[] {
    const folders = [...new Set(this.#files.map(({ path }) => folderOf(path)))]
    const wanted = levelsOf(named)
    const found = best(folders, (folder) => commonEnd(levelsOf(folder), wanted))
    return found === null ? [] : this.#files.filter(({ path }) => folderOf(path) === found)
  }
}

function best<T>(all: readonly T[], score: (one: T) => number): T | null {
  let [found, most]: [T | null, number] = [null, 0]
  for (const each of all) {
    const scored = score(each)
    if (scored > most) [found, most] = [each, scored]
  }
  return found
}

function levelsOf(path: string): string[] {
  return path.split(/[/\\]/).filter((level) => level !== '' && level !== '.')
}

function folderOf(path: string): string {
  return levelsOf(path).slice(0, -1).join('/')
}

function commonEnd(one: readonly string[], other: readonly string[]): number {
  let length = 0
  while (length < one.length && length < other.length && one.at(-1 - length) === other.at(-1 - length)) length++
  return length
}

/** Leaves private keys and files without a known content out, and says so. */
export function sortOut(files: readonly GivenFile[], findings: Findings): Map<FileKind, GivenFile[]> {
  const byKind = Map.groupBy(files, kindOf)
  for (const { path } of byKind.get('private-key') ?? []) {
    findings.add('private_key_left_out', { file: path, line: null, text: '' })
  }
  byKind.delete('private-key')
  return byKind
}
