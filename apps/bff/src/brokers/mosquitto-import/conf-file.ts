/** `mosquitto.conf`: where the other files are, who is identified by a certificate, and what has no counterpart here. */
import type { Findings, Place } from './findings.ts'
import { type GivenFile, placeOf, visitLines } from './source-lines.ts'

/** A file or folder that the configuration names. */
export interface Named {
  path: string
  place: Place
}

/** The settings of one listener, or those for all of them. */
export interface ListenerSettings {
  passwordFile: Named | null
  aclFile: Named | null
  dynsecFile: Named | null
  certificateFiles: Named[]
  certificateFolders: Named[]
  crlFiles: Named[]
  requireCertificate: boolean
  nameFromCertificate: boolean
  allowAnonymous: boolean
}

export interface Configuration {
  /** The password and ACL files differ by listener. */
  perListener: boolean
  /** The first one has the settings that stand before the first `listener`. */
  listeners: ListenerSettings[]
}

export function newListener(): ListenerSettings {
  return {
    passwordFile: null,
    aclFile: null,
    dynsecFile: null,
    certificateFiles: [],
    certificateFolders: [],
    crlFiles: [],
    requireCertificate: false,
    nameFromCertificate: false,
    allowAnonymous: false,
  }
}

/** Who may do what depends on them, and nothing here replaces them. */
const unsupported = new Set([
  'psk_file',
  'psk_hint',
  'mount_point',
  'clientid_prefixes',
  'use_subject_as_username',
  'use_username_as_clientid',
])
const plugins = new Set(['plugin', 'auth_plugin', 'global_plugin', 'plugin_load'])
/** Plugins of Mosquitto whose files are imported. */
const knownPlugin = /mosquitto_(dynamic_security|password_file|acl_file|sparkplug_aware)\b/

interface Reading {
  configuration: Configuration
  findings: Findings
  /** The lines of another file, for `include_dir`. */
  include(folder: Named): readonly GivenFile[]
}

/** Reads a file into the configuration. A folder is included where it is named, as Mosquitto does. */
export async function readConfFile(file: GivenFile, reading: Reading): Promise<void> {
  const folders: { at: number; named: Named }[] = []
  await visitLines(file, reading.findings, (line) => {
    const text = line.text.trimStart()
    if (text === '' || text.startsWith('#')) return
    const [, keyword = '', value = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? []
    const setting = { keyword, value, place: placeOf(file, line, text) }
    if (keyword === 'include_dir') folders.push({ at: line.number, named: { path: value, place: setting.place } })
    else apply(setting, reading)
  })
  for (const { named } of folders) {
    for (const included of reading.include(named)) await readConfFile(included, { ...reading, include: () => [] })
  }
}

interface Setting {
  keyword: string
  value: string
  place: Place
}

function apply(setting: Setting, { configuration, findings }: Reading): void {
  const { keyword, value, place } = setting
  const listener = configuration.listeners.at(-1)
  if (!listener) return
  if (keyword === 'listener') configuration.listeners.push(newListener())
  else if (keyword === 'per_listener_settings') configuration.perListener = isTrue(value)
  else if (keyword === 'connection') findings.add('bridge', place)
  else if (unsupported.has(keyword)) findings.add('setting_not_supported', place)
  else if (plugins.has(keyword) && !knownPlugin.test(value)) findings.add('setting_not_supported', place)
  else set(listener, setting, findings)
}

function set(listener: ListenerSettings, { keyword, value, place }: Setting, findings: Findings): void {
  const named = { path: value, place }
  // `auth_opt_` and `plugin_opt_` belong to the plugin before them; the plugins of Mosquitto have these names.
  switch (keyword.replace(/^(auth|plugin)_opt_/, '')) {
    case 'password_file':
      listener.passwordFile = named
      break
    case 'acl_file':
      listener.aclFile = named
      break
    case 'config_file':
      listener.dynsecFile = named
      break
    case 'cafile':
      listener.certificateFiles.push(named)
      break
    case 'capath':
      listener.certificateFolders.push(named)
      break
    case 'crlfile':
      listener.crlFiles.push(named)
      break
    case 'require_certificate':
      listener.requireCertificate = isTrue(value)
      break
    case 'use_identity_as_username':
      listener.nameFromCertificate = isTrue(value)
      break
    case 'allow_anonymous':
      listener.allowAnonymous = isTrue(value)
      if (isTrue(value)) findings.add('anonymous_access', place)
      break
  }
}

function isTrue(value: string): boolean {
  return value === 'true' || value === '1'
}
