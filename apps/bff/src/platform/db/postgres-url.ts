/**
 * Rule: connections over a network are encrypted, and the server's certificate must match its name, unless the address
 * says otherwise (`sslmode`, as in libpq). The address contains a password, so no message repeats any part of it.
 */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { BadSettings } from '../base/bad-settings.ts'
import { isLoopback } from '../base/loopback.ts'

export interface PostgresAddress {
  /** A host name, an address, or the folder of a Unix socket. */
  host: string
  port: number
  user: string | undefined
  password: string | undefined
  database: string
  ssl: ConnectionOptions | false
}

const shape = 'an address such as postgres://gatehouse:password@db.example/gatehouse'
const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
const options = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey']

export function readPostgresUrl(text: string): PostgresAddress {
  // An empty host between @ and / means a socket in libpq's notation; `URL` rejects it.
  const emptyHost = /^(postgres(?:ql)?:\/\/[^/@]*@)\//
  const url = URL.parse(text.replace(emptyHost, '$1localhost/'))
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) throw wrong(shape)
  const [database, user, password, named] = [url.pathname.slice(1), url.username, url.password, url.hostname].map(
    decoded,
  )
  if (!database) throw wrong(shape)
  const unknown = [...url.searchParams.keys()].find((name) => !options.includes(name))
  if (unknown !== undefined) throw wrong(`no such option as ${unknown}; there are: ${options.join(', ')}`)
  const host = url.searchParams.get('host') ?? (named?.replace(/^\[(.*)\]$/, '$1') || 'localhost')
  return {
    host,
    port: Number(url.port || 5432),
    user: user || undefined,
    password: password || undefined,
    database,
    ssl: readTls(url.searchParams, host),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw wrong(shape)
  }
}

function readTls(search: URLSearchParams, host: string): ConnectionOptions | false {
  const isHere = host.startsWith('/') || isLoopback(host)
  const mode = search.get('sslmode') ?? (isHere ? 'disable' : 'verify-full')
  const isKnown = sslModes.some((known) => known === mode)
  if (!isKnown) throw wrong(`sslmode is one of ${sslModes.join(', ')}`)
  if (mode === 'disable') return false
  const ca = readPem(search, 'sslrootcert')
  const [cert, key] = [readPem(search, 'sslcert'), readPem(search, 'sslkey')]
  if (!cert !== !key) throw wrong('sslcert and sslkey: give both or neither')
  if (mode === 'verify-ca' && !ca) throw wrong('sslmode=verify-ca needs sslrootcert')
  return {
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(mode === 'require' && !ca && { rejectUnauthorized: false }),
    // As in libpq: with a root certificate, `require` means `verify-ca`, which does not verify the name.
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  }
}

function readPem(search: URLSearchParams, option: string): string | null {
  const file = search.get(option)
  if (file === null) return null
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw wrong(`${option} cannot be read`)
  }
}

function wrong(what: string): BadSettings {
  return new BadSettings([`GATEHOUSE_DATABASE_URL: ${what}`])
}
