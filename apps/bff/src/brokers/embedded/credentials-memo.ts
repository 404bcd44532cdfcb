/** What a client presented, as text that is stored with its session, so that the session can be judged after a restart. */
import * as z from 'zod/mini'
import type { PresentedCredentials } from '../../access/decision/evidence.ts'
import { CommonNames } from '../../certificates/trust/presented.ts'
import type { FindRules } from './listener-set.ts'

const Memo = z.object({
  listener: z.object({
    /** Missing in memos of versions that had two listeners, whose names never changed. */
    id: z.optional(z.string()),
    name: z.string(),
    clientCertificate: z.enum(['required', 'accepted', 'ignored', 'none']),
  }),
  address: z.string(),
  /** DER in base64, the leaf first. */
  presented: z.array(z.string()),
  username: z.nullable(z.string()),
  isPasswordRight: z.boolean(),
  /** Milliseconds since 1970. */
  at: z.number(),
})

const commonNames = new CommonNames()

/** Without the password and the stored credential: a session outlives a new password. */
export function writeMemo({ listener, address, presented, username, password, at }: PresentedCredentials): string {
  const { id, name, clientCertificate } = listener
  return JSON.stringify({
    listener: { id, name, clientCertificate },
    address,
    presented: presented.map((der) => Buffer.from(der).toString('base64')),
    username,
    isPasswordRight: password.state === 'right',
    at: at.getTime(),
  } satisfies z.input<typeof Memo>)
}

/**
 * Null: it cannot be read, or there is none. A session is judged by what its listener says now. If the listener was closed,
 * the client may come back by another one, so all trusted CAs count then; that listener decides.
 */
export function readMemo(text: string | undefined, findRules: FindRules): PresentedCredentials | null {
  const parsed = Memo.safeParse(parse(text))
  if (!parsed.success) return null
  const { listener, address, username, isPasswordRight, at } = parsed.data
  const presented = parsed.data.presented.map((der) => new Uint8Array(Buffer.from(der, 'base64')))
  const { id = '', name, clientCertificate } = listener
  const closed = { id, name, clientCertificate, identity: 'certificate', trusted: null } as const
  return {
    listener: findRules(listener) ?? closed,
    address,
    presented,
    commonName: commonNames.of(presented),
    username,
    password: isPasswordRight ? { state: 'right', credential: null } : { state: 'none' },
    at: new Date(at),
  }
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return null
  }
}
