/** From the given files to a draft. With a `mosquitto.conf`, only the files that it names are imported. */
import type { UnderDeny } from '@gatehouse/contract/brokers/mosquitto-import'
import { type AclFile, readAclFile } from './acl-file.ts'
import { addAclUsers } from './acl-users.ts'
import { type Configuration, type ListenerSettings, type Named, newListener, readConfFile } from './conf-file.ts'
import type { Draft, PemText } from './draft.ts'
import { readDynsecFile } from './dynsec-file.ts'
import { addDynsecUsers } from './dynsec-users.ts'
import { Findings, type Place } from './findings.ts'
import { type FileKind, GivenFiles, sortOut } from './given-files.ts'
import { type PasswordLine, readPasswordFile } from './password-file.ts'
import { RoleNames } from './role-names.ts'
import type { GivenFile } from './source-lines.ts'

interface Choices {
  /** Where the reader of the files has listed something already. */
  findings?: Findings
  underDeny?: UnderDeny
}

export async function readDraft(
  files: readonly GivenFile[],
  { findings = new Findings(), underDeny = 'withhold' }: Choices = {},
): Promise<Draft> {
  const byKind = sortOut(files, findings)
  const given = new GivenFiles([...byKind.values()].flat())
  const configuration = await readConfiguration(byKind.get('conf') ?? [], { given, findings })
  const draft: Draft = {
    users: new Map(),
    roles: new Map(),
    permissions: 0,
    authorities: [],
    crls: [],
    findings,
    underDeny,
  }
  const reading = { draft, names: new RoleNames(), given, used: new Set<string>() }
  const groups = configuration ? groupsOf(configuration) : [withoutConf(byKind)]
  for (const group of groups) await addGroup(reading, group)
  for (const [kind, ofKind] of byKind) {
    for (const { path } of ofKind) {
      if (kind !== 'conf' && !reading.used.has(path))
        findings.add('file_not_recognised', { file: path, line: null, text: '' })
    }
  }
  return draft
}

interface Reading {
  draft: Draft
  names: RoleNames
  given: GivenFiles
  /** Paths of the files that were read. */
  used: Set<string>
}

/** Listeners with the same users and rights. */
interface ListenerGroup {
  settings: ListenerSettings
  /** The configuration has been read, so a missing `acl_file` means that everything is allowed. */
  isConfigured: boolean
}

/** Null without a `mosquitto.conf`. The one that is nearest to the top comes first, as the others may be included by it. */
async function readConfiguration(
  files: readonly GivenFile[],
  { given, findings }: { given: GivenFiles; findings: Findings },
): Promise<Configuration | null> {
  const [main] = files.toSorted(
    (one, other) => depthOf(one) - depthOf(other) || (one.path.endsWith('mosquitto.conf') ? -1 : 1),
  )
  if (!main) return null
  const configuration: Configuration = { perListener: false, listeners: [newListener()] }
  const include = ({ path, place }: Named) => {
    const found = given.inFolder(path).filter((each) => each.path.endsWith('.conf') && each.path !== main.path)
    if (found.length === 0) findings.add('file_missing', place)
    return found.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  }
  await readConfFile(main, { configuration, findings, include })
  return configuration
}

function depthOf({ path }: GivenFile): number {
  return path.split('/').length
}

/** One group, unless the settings differ by listener. */
function groupsOf({ perListener, listeners }: Configuration): ListenerGroup[] {
  if (perListener) return listeners.filter(hasUsers).map((settings) => ({ settings, isConfigured: true }))
  const merged = listeners.reduce((all, each) => ({
    passwordFile: each.passwordFile ?? all.passwordFile,
    aclFile: each.aclFile ?? all.aclFile,
    dynsecFile: each.dynsecFile ?? all.dynsecFile,
    certificateFiles: [...all.certificateFiles, ...each.certificateFiles],
    certificateFolders: [...all.certificateFolders, ...each.certificateFolders],
    crlFiles: [...all.crlFiles, ...each.crlFiles],
    requireCertificate: all.requireCertificate || each.requireCertificate,
    nameFromCertificate: all.nameFromCertificate || each.nameFromCertificate,
    allowAnonymous: all.allowAnonymous || each.allowAnonymous,
  }))
  return [{ settings: merged, isConfigured: true }]
}

function hasUsers({
  passwordFile,
  aclFile,
  dynsecFile,
  certificateFiles,
  certificateFolders,
}: ListenerSettings): boolean {
  return Boolean(passwordFile ?? aclFile ?? dynsecFile) || certificateFiles.length + certificateFolders.length > 0
}

/** Every file counts as what it looks like. */
function withoutConf(byKind: ReadonlyMap<FileKind, GivenFile[]>): ListenerGroup {
  const named = (kind: FileKind): Named[] =>
    (byKind.get(kind) ?? []).map(({ path }) => ({ path, place: { file: path, line: null, text: '' } }))
  const [passwordFile = null] = named('passwords')
  const [aclFile = null] = named('acl')
  const [dynsecFile = null] = named('dynsec')
  const settings = { ...newListener(), passwordFile, aclFile, dynsecFile }
  return {
    settings: { ...settings, certificateFiles: named('certificates'), crlFiles: named('crl') },
    isConfigured: false,
  }
}

async function addGroup(reading: Reading, { settings, isConfigured }: ListenerGroup): Promise<void> {
  const { draft, names } = reading
  addTrust(reading, settings)
  const { nameFromCertificate: hasCertificateGrant } = settings
  const passwordFile = take(reading, settings.passwordFile)
  const aclFile = take(reading, settings.aclFile)
  const dynsecFile = take(reading, settings.dynsecFile)
  const passwords = passwordFile
    ? await readPasswordFile(passwordFile, draft.findings)
    : new Map<string, PasswordLine>()
  const acl = aclFile ? await readAclFile(aclFile, draft.findings) : null
  if (passwordFile || acl) {
    const isOpen = isConfigured && settings.aclFile === null && dynsecFile === null
    if (isOpen) draft.findings.add('no_acl_file', { file: passwordFile?.path ?? '', line: null, text: '' })
    if (acl) draft.findings.add('subscriptions_are_checked', { file: aclFile?.path ?? '', line: null, text: '' })
    await addAclUsers(draft, names, { passwords, acl: isOpen ? null : (acl ?? noRights), hasCertificateGrant })
  }
  const dynsec = dynsecFile && readDynsecFile(dynsecFile, draft.findings)
  if (dynsec) await addDynsecUsers(draft, names, { file: dynsec, hasCertificateGrant })
  sayAboutCertificates(settings, draft.findings)
}

const noRights: AclFile = { byUser: new Map(), patterns: [] }

/** The file that a setting names. Says so if it was not given. */
function take({ given, used, draft }: Reading, named: Named | null): GivenFile | null {
  if (!named) return null
  const file = given.find(named.path)
  if (!file) draft.findings.add('file_missing', named.place)
  else used.add(file.path)
  return file
}

/** The same file may be named by several listeners. */
function addTrust(reading: Reading, { certificateFiles, certificateFolders, crlFiles }: ListenerSettings): void {
  const { draft, given } = reading
  const files = certificateFiles.flatMap((named) => take(reading, named) ?? [])
  const inFolders = certificateFolders.flatMap(({ path, place }) => {
    const found = given.inFolder(path)
    if (found.length === 0) draft.findings.add('file_missing', place)
    return found
  })
  const lists = crlFiles.flatMap((named) => take(reading, named) ?? [])
  for (const { path, text } of [...files, ...inFolders]) {
    if (text.includes('-----BEGIN CERTIFICATE-----')) addPem(draft.authorities, { file: path, text }, reading.used)
    if (text.includes('-----BEGIN X509 CRL-----')) addPem(draft.crls, { file: path, text }, reading.used)
  }
  for (const { path, text } of lists) addPem(draft.crls, { file: path, text }, reading.used)
}

function addPem(list: PemText[], pem: PemText, used: Set<string>): void {
  used.add(pem.file)
  if (!list.some(({ file }) => file === pem.file)) list.push(pem)
}

function sayAboutCertificates(
  { nameFromCertificate, requireCertificate, certificateFiles, certificateFolders }: ListenerSettings,
  findings: Findings,
): void {
  const place: Place | undefined = (certificateFiles[0] ?? certificateFolders[0])?.place
  if (!place) return
  if (nameFromCertificate) findings.add('certificate_names_user', place)
  else if (requireCertificate) findings.add('certificate_besides_password', place)
}
