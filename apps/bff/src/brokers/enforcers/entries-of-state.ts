/** The desired state of a Mosquitto as entries, and back. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { DesiredState, DynsecClient } from '../mosquitto/desired-state.ts'

type Entry = readonly [key: string, value: string]

export function toEntries(state: DesiredState): Map<string, string> {
  return new Map([...trustEntries(state), ...state.clients.map(clientEntry)])
}

export function trustEntries({ authorities, crls }: Pick<DesiredState, 'authorities' | 'crls'>): Entry[] {
  return [
    ...authorities.map(({ fileName, pem }): Entry => [`authority ${fileName}`, pem]),
    ...crls.map((pem): Entry => [`crl ${createHash('sha256').update(pem).digest('hex')}`, pem]),
  ]
}

export function clientEntry({ username, acls, passwordTag }: DynsecClient): Entry {
  return [clientKey(username), JSON.stringify({ acls, passwordTag })]
}

export function clientKey(username: string): string {
  return `client ${username}`
}

const FileName = z.string().check(z.regex(/^[0-9a-f]{8}\.\d{1,4}$/))
const ClientName = z.string().check(z.minLength(1), z.maxLength(64))
const Client = z.strictObject({
  acls: z
    .array(
      z.strictObject({
        acltype: z.enum(['publishClientSend', 'publishClientReceive', 'subscribePattern']),
        topic: z.string().check(z.maxLength(65_535)),
        priority: z.int(),
        allow: z.boolean(),
      }),
    )
    .check(z.maxLength(10_000)),
  passwordTag: z.nullable(z.string().check(z.maxLength(200))),
})

/** Throws for an entry that is of no known kind or has another form: what came over the network is not applied in parts. */
export function fromEntries(entries: Iterable<readonly [string, string]>, sequence: number): DesiredState {
  const state: DesiredState = { sequence, authorities: [], crls: [], clients: [] }
  for (const [key, value] of entries) {
    const [kind, name] = readKey(key)
    if (kind === 'authority') state.authorities.push({ fileName: FileName.parse(name), pem: value })
    else if (kind === 'crl') state.crls.push(value)
    else if (kind === 'client') state.clients.push(clientOf(key, value))
    else throw new Error('an entry of an unknown kind')
  }
  return state
}

/** Throws if it is none. */
export function clientOf(key: string, value: string): DynsecClient {
  const [, name] = readKey(key)
  return { username: ClientName.parse(name), ...Client.parse(JSON.parse(value)) }
}

/** A name may contain spaces. */
function readKey(key: string): [kind: string, name: string] {
  const at = key.indexOf(' ')
  return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at + 1)]
}
