/**
 * Writes CAs and CRLs where Mosquitto reads them: one file for each CA in `capath`, all CRLs in `crlfile`. Every text is parsed
 * before it is written, because Mosquitto admits revoked certificates after a SIGHUP with a `crlfile` that it cannot read.
 * No database: the agent uses it too.
 */
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readBundle } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { subjectHash } from '@gatehouse/pki/read/subject-hash'
import { revokesOthers, writeCrlText } from './crl-file.ts'
import type { DesiredAuthority, DesiredState } from './desired-state.ts'
import { markPending, type Pending, pendingName, readPending } from './pending-trust.ts'

export interface TrustFolder {
  /** An absolute path. Only this program writes files there that begin with its mark. */
  capath: string
  /** Null: the listener has no `crlfile`. */
  crlFile: string | null
}

/** What else is in the folder. It stays. */
export interface ForeignFile {
  name: string
  /** `authority`: Mosquitto trusts it, and Gatehouse does not. */
  kind: 'authority' | 'link' | 'key' | 'folder' | 'other'
}

export interface AppliedTrust {
  /** What Mosquitto still needs, from this call or from one before. Null: nothing. The caller clears it with `clearPending`. */
  pending: Pending | null
  /** Of CAs nothing was removed, and nothing was pending before this call: connections end only because of a CRL. */
  isOnlyCrl: boolean
  foreign: ForeignFile[]
}

export class TrustFilesError extends Error {
  override name = 'TrustFilesError'
  readonly code: 'bad_certificate' | 'bad_crl' | 'no_crl' | 'not_writable' | 'too_many_files'
  constructor(code: TrustFilesError['code'], options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}

/** OpenSSL reads the first PEM block and skips the text before it. */
const mark = '# Managed by Gatehouse. Changes are overwritten.\n'
const fileMode = 0o644
const maxAuthorities = 10_000
const maxForeignBytes = 1024 * 1024

/**
 * Makes the folder equal to the desired state: CRLs first, because a CA without its CRL is of no use, then new CAs, then the removal
 * of those that are not wanted any more. Each file is written beside its place, synced and renamed. A second call finds nothing to do.
 */
export async function applyTrustFiles(
  folder: TrustFolder,
  state: Pick<DesiredState, 'authorities' | 'crls'>,
): Promise<AppliedTrust> {
  const wanted = await readWanted(state.authorities)
  const crls = folder.crlFile === null ? null : await joinCrls(state.crls)
  try {
    return await replaceTrust(folder, { wanted, crls })
  } catch (error) {
    if (error instanceof TrustFilesError) throw error
    throw new TrustFilesError('not_writable', { cause: error })
  }
}

async function replaceTrust(
  { capath, crlFile }: TrustFolder,
  { wanted, crls }: { wanted: readonly Wanted[]; crls: string | null },
): Promise<AppliedTrust> {
  const found = await readFolder(capath)
  const changes = compare(place(wanted, found), found.own)
  const crlChange = crlFile === null || crls === null ? null : await findCrlChange(crlFile, crls)
  const isOnlyCrl = !changes.removesAuthority && (await readPending(capath)) === null
  const isCrlChanged = crlFile !== null && crlChange !== null
  if (isCrlChanged || changes.write.length + changes.remove.length > 0) {
    // Before the first file: a kill in between must not leave a Mosquitto that nobody signals.
    await markPending(capath, changes.removesAuthority || crlChange === 'revokes_others' ? 'kick' : 'signal')
  }
  if (isCrlChanged && crls !== null) await replaceFile(crlFile, crls)
  for (const [name, text] of changes.write) await replaceFile(join(capath, name), text)
  for (const name of changes.remove) await rm(join(capath, name))
  if (changes.remove.length > 0) await syncFolder(capath)
  return { pending: await readPending(capath), isOnlyCrl, foreign: found.foreign }
}

interface Wanted {
  hash: string
  text: string
}

async function readWanted(authorities: readonly DesiredAuthority[]): Promise<Wanted[]> {
  if (authorities.length > maxAuthorities) throw new TrustFilesError('too_many_files')
  const wanted: Wanted[] = []
  for (const { pem } of authorities) {
    const [info, ...more] = await orBad('bad_certificate', readBundle(pem, { maxCertificates: 1, maxBytes: 64 * 1024 }))
    if (!info || more.length > 0) throw new TrustFilesError('bad_certificate')
    // The PEM is written again from its bytes: nothing else that was in the text reaches the disk.
    wanted.push({ hash: subjectHash(info.der), text: mark + info.pem })
  }
  return wanted
}

async function joinCrls(crls: readonly string[]): Promise<string> {
  // After a SIGHUP with an empty file Mosquitto does not check revocations at all.
  if (crls.length === 0) throw new TrustFilesError('no_crl')
  return mark + (await orBad('bad_crl', writeCrlText(crls)))
}

async function orBad<T>(code: TrustFilesError['code'], read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    if (error instanceof PkiError) throw new TrustFilesError(code, { cause: error })
    throw error
  }
}

interface Folder {
  /** By file name: our files and their text. */
  own: Map<string, string>
  foreign: ForeignFile[]
}

async function readFolder(capath: string): Promise<Folder> {
  const names = await readdir(capath)
  if (names.length > 2 * maxAuthorities) throw new TrustFilesError('too_many_files')
  const own = new Map<string, string>()
  const foreign: ForeignFile[] = []
  for (const name of names.filter((each) => each !== pendingName).toSorted()) {
    const found = await readOne(join(capath, name), name)
    if (typeof found === 'string') own.set(name, found)
    else foreign.push({ name, kind: found.kind })
  }
  return { own, foreign }
}

/** The text of one of our files, or what else it is. A link is not followed. */
async function readOne(path: string, name: string): Promise<string | Pick<ForeignFile, 'kind'>> {
  const stats = await lstat(path)
  if (stats.isSymbolicLink()) return { kind: 'link' }
  if (stats.isDirectory()) return { kind: 'folder' }
  if (!stats.isFile() || stats.size > maxForeignBytes) return { kind: 'other' }
  const text = await readFile(path, 'utf8')
  if (text.startsWith(mark)) return text
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return { kind: 'key' }
  return { kind: hashedName.test(name) && text.includes('-----BEGIN') ? 'authority' : 'other' }
}

const hashedName = /^[0-9a-f]{8}\.\d+$/

/** Gives each CA the first number of its hash that no foreign file has. A file that is right already keeps its place. */
function place(wanted: readonly Wanted[], { foreign }: Folder): Map<string, string> {
  const taken = new Set(foreign.map(({ name }) => name))
  const placed = new Map<string, string>()
  for (const { hash, text } of wanted) {
    let number = 0
    while (taken.has(`${hash}.${number}`)) number++
    taken.add(`${hash}.${number}`)
    placed.set(`${hash}.${number}`, text)
  }
  return placed
}

function compare(placed: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>) {
  const texts = new Set(placed.values())
  return {
    write: [...placed].filter(([name, text]) => own.get(name) !== text),
    remove: [...own.keys()].filter((name) => !placed.has(name)),
    // A CA that only moves to another number stays.
    removesAuthority: [...own.values()].some((text) => !texts.has(text)),
  }
}

async function findCrlChange(path: string, text: string): Promise<'revokes_others' | 'renewed' | null> {
  const before = await readFile(path, 'utf8').catch(() => '')
  if (before === text) return null
  return (await revokesOthers(before, text)) ? 'revokes_others' : 'renewed'
}

async function replaceFile(path: string, text: string): Promise<void> {
  // A name that OpenSSL does not look up. `wx` after `rm`: a link that waits there is not followed.
  const draft = join(dirname(path), `.gatehouse-${process.pid}.new`)
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', fileMode)
  try {
    await file.chmod(fileMode)
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** A rename is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
