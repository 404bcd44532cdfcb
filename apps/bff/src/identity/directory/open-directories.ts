/**
 * Directories as the rest of the server uses them. The LDAP client is loaded when the first directory is used: most installations
 * have none, and it would slow every start.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db } from '../../platform/db/open.ts'
import type { ProviderConnector, ProviderOf } from '../providers/connector.ts'
import { listEnabled } from '../providers/store.ts'
import type { DirectoryPasswords, DirectoryQuestion } from '../users/directory-passwords.ts'
import type { Directories } from './directories.ts'

export type LdapProvider = ProviderOf<'ldap'>

export interface DirectoriesParts {
  db: Db
  reader: Db
  clock: Clock
  keyring: Keyring
  log: Logger
}

export interface OpenDirectories extends DirectoryPasswords {
  connector: ProviderConnector<'ldap'>
  /** Changes with the settings of the directory that the user comes from. Null: its users may not use MQTT passwords. */
  mqttVersion(origin: string): Promise<string | null>
  /** The LDAP client, loaded now if it was not. */
  load(): Promise<Directories>
  close(): void
}

/** Refusals take at least this long while a directory is asked. */
const shortestRefusalMs = 300

export function openDirectories(parts: DirectoriesParts): OpenDirectories {
  const { reader } = parts
  let loading: Promise<Directories> | null = null
  let loaded: Directories | null = null
  const load = () => {
    loading ??= import('./directories.ts').then(({ Directories: Loaded }) => {
      loaded = new Loaded(parts)
      return loaded
    })
    return loading
  }
  return {
    load,
    close: () => loaded?.close(),
    ask: async (question) => {
      const concerned = await findConcerned(reader, question)
      return concerned.length === 0 ? { outcome: 'not-asked' } : (await load()).ask(concerned, question)
    },
    mqttVersion: async (origin) => {
      if (!origin.startsWith('ldap:')) return null
      const [provider] = await findConcerned(reader, { origin, use: 'mqtt' })
      return provider ? `${provider.id} ${provider.version}` : null
    },
    refusal: async (use) => {
      const enabled = (await listEnabled(reader, 'ldap')).filter((each) => isFor(use, each))
      if (enabled.length === 0) return { lastsMs: 0, isAnyDown: false }
      const lastsMs = Math.max(shortestRefusalMs, loaded?.slowestMs() ?? 0)
      return { lastsMs, isAnyDown: enabled.some((provider) => loaded?.isDown(provider)) }
    },
    connector: {
      judge: async (settings) => (await load()).judge(settings),
      test: async (provider, secret, person) => (await load()).test(provider, secret, person),
      describe: async (provider, secret, username) => (await load()).describe(provider, secret, username),
      prove: async (claim) => (await load()).prove(claim),
    },
  }
}

/** The directories that may know this person. An MQTT client makes no user, so it needs one from a directory. */
async function findConcerned(
  reader: Db,
  { origin, use }: Pick<DirectoryQuestion, 'origin' | 'use'>,
): Promise<LdapProvider[]> {
  const isElsewhere = origin !== null && !origin.startsWith('ldap:')
  if (isElsewhere || (origin === null && use === 'mqtt')) return []
  const enabled = await listEnabled(reader, 'ldap')
  return enabled.filter(
    ({ name, settings }) => (origin === null || origin === `ldap:${name}`) && isFor(use, { settings }),
  )
}

function isFor(use: DirectoryQuestion['use'], { settings }: Pick<LdapProvider, 'settings'>): boolean {
  return use === 'console' || settings.mqttPasswords
}
