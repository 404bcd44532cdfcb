/** The devices that were refused because nobody has entered them: what a rule would admit. */
import {
  type AdmissionWarning,
  type admissionRules,
  maxUnknownDevices,
  type UnknownDevice,
} from '@gatehouse/contract/brokers/admission-rules'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { KeptDecision } from '@gatehouse/contract/brokers/decisions'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { usersNamed } from '../../identity/users/lookup-store.ts'
import type { Db } from '../../platform/db/open.ts'
import { refusalsByName } from '../decisions/history-store.ts'
import { deniedAmong } from './denied-store.ts'

type Asked = Parsed<typeof admissionRules.preview>['body']

/** Refusals of devices whose certificates were good and whose names nobody has. */
const reasons: readonly RefusalReason[] = [
  'unknown_user',
  'device_denied',
  'admission_roles',
  'admission_author',
  'admission_limit',
]

export async function previewRule(reader: Db, asked: Asked): Promise<Answer<typeof admissionRules.preview>> {
  const matching = await findMatching(reader, asked)
  const listed = matching.slice(0, maxUnknownDevices)
  return {
    items: await describe(reader, listed),
    isMore: matching.length > listed.length,
    warnings: warningsOf(asked),
  }
}

interface Refused extends KeptDecision {
  username: string
}

function fits({ certificate, username }: KeptDecision, { authority, usernames }: Asked): boolean {
  // Without an authority the certificate was not trusted. An MQTT username alone never leads to a rule.
  if (!certificate?.authority || username === null) return false
  if (authority !== undefined && certificate.authority !== authority) return false
  return usernames === undefined || usernames.some((glob) => usernameMatches(glob, username))
}

/** Refusals that are read at most: the newest of a plant of some thousand devices. */
const mostRead = 20_000

/** One entry for each name and CA, the newest first, with all refusals counted. */
async function findMatching(reader: Db, asked: Asked): Promise<Refused[]> {
  const byDevice = new Map<string, Refused>()
  const yieldIfDue = createYielder()
  let read = 0
  for await (const slice of refusalsByName(reader, reasons)) {
    for (const each of slice) if (fits(each, asked)) add(byDevice, each)
    read += slice.length
    if (read >= mostRead) break
    await yieldIfDue()
  }
  return [...byDevice.values()]
}

function add(byDevice: Map<string, Refused>, refused: KeptDecision): void {
  const { username, certificate, count } = refused
  if (username === null) return
  const key = `${certificate?.authority} ${username}`
  const known = byDevice.get(key)
  if (known) known.count += count
  else byDevice.set(key, { ...refused, username })
}

async function describe(reader: Db, refused: readonly Refused[]): Promise<UnknownDevice[]> {
  const usernames = [...new Set(refused.map(({ username }) => username))]
  const existing = new Set((await usersNamed(reader, usernames)).map(({ username }) => username.toLowerCase()))
  const denied = await deniedAmong(reader, usernames)
  return refused.map(({ username, certificate, address, lastAt, count }) => {
    const folded = username.toLowerCase()
    return {
      username,
      authority: certificate?.authority ?? null,
      authorityName: certificate?.authorityName ?? null,
      address,
      lastAt,
      count,
      state: existing.has(folded) ? 'exists' : denied.has(folded) ? 'denied' : 'unknown',
    }
  })
}

function warningsOf({ usernames, roles }: Asked): AdmissionWarning[] {
  const everything = usernames?.some((glob) => /^\*+$/.test(glob)) ? (['matches_everything'] as const) : []
  return [...everything, ...(roles?.length === 0 ? (['no_roles'] as const) : [])]
}
