/** The environment of Mender's mTLS ambassador. It describes an upstream that is made at the first start that has it. */
import { UpstreamCreate } from '@gatehouse/contract/brokers/upstreams'
import * as z from 'zod/mini'

export const menderVariables = {
  MTLS_MENDER_USER: z.optional(z.string()),
  MTLS_MENDER_PASS: z.optional(z.string()),
  MTLS_MENDER_BACKEND: z.optional(z.string()),
  MTLS_DEBUG_LOG: z._default(z.enum(['true', 'false', '1', '0'], 'true or false'), 'false'),
  /** Read so that it is not ignored in silence. */
  MTLS_INSECURE_SKIP_VERIFY: z.optional(
    z.enum(['false', '0'], 'not supported; give the upstream the CA of the backend in the console instead'),
  ),
}

const Given = z.object(menderVariables)
type Given = z.output<typeof Given>

export interface MenderSeed {
  username: string
  password: string
  /** Of the backend. */
  origin: string
  /** Holds `server/server.crt`, `server/server.key` and `tenant-ca/*.pem`. Absolute. */
  certificates: string
  /** Where devices connect. */
  host: string
  port: number
}

const required = ['MTLS_MENDER_USER', 'MTLS_MENDER_PASS', 'MTLS_MENDER_BACKEND'] as const

/** One line for each variable that is wrong, without its value. */
export function findMenderErrors(given: Given): string[] {
  const missing = required.filter((name) => given[name] === undefined)
  if (missing.length === required.length) return []
  if (missing.length > 0) return missing.map((name) => `${name}: required with the other MTLS_MENDER_… variables`)
  const parsed = UpstreamCreate.safeParse(toUpstream(given))
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0]))
  return [
    // RFC 7617 §2: a colon would end the username.
    wrong.has('username') || given.MTLS_MENDER_USER?.includes(':')
      ? 'MTLS_MENDER_USER: at most 256 characters, without colons and control characters'
      : null,
    wrong.has('secret') ? 'MTLS_MENDER_PASS: at most 4096 characters, without control characters' : null,
    wrong.has('origin') || !hasPort(given.MTLS_MENDER_BACKEND)
      ? 'MTLS_MENDER_BACKEND: an origin such as https://hosted.mender.io'
      : null,
  ].filter((line) => line !== null)
}

/** Null: the variables are not set. They must have no errors. */
export function readMenderSeed(
  given: Given,
  place: Pick<MenderSeed, 'certificates' | 'host' | 'port'>,
): MenderSeed | null {
  const { MTLS_MENDER_USER: username, MTLS_MENDER_PASS: password, MTLS_MENDER_BACKEND: backend } = given
  if (username === undefined || password === undefined || backend === undefined) return null
  return { username, password, origin: originOf(backend), ...place }
}

export function wantsDebugLog({ MTLS_DEBUG_LOG: given }: Given): boolean {
  return given === 'true' || given === '1'
}

function toUpstream({ MTLS_MENDER_USER: username, MTLS_MENDER_PASS: secret, MTLS_MENDER_BACKEND: backend }: Given) {
  return { name: 'mender', kind: 'mender', origin: originOf(backend ?? ''), authentication: 'basic', username, secret }
}

/** People write a slash at the end, and capital letters, which no other part of an origin may have. */
function originOf(backend: string): string {
  return backend.replace(/\/$/, '').toLowerCase()
}

function hasPort(backend = ''): boolean {
  return URL.canParse(backend) && Number(new URL(backend).port || 1) > 0
}
