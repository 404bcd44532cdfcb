/** Opens a connection to a directory: resolve, TCP, StartTLS where asked for, TLS. Nothing else is sent before TLS is up. */
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { ExtendedRequest, ExtendedResponse, MessageParser, MessageResponseStatus } from 'ldapts'
import { openTcp, openTls } from '../../platform/base/client-socket.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import { AddressRefused, isAllowedAddress } from '../../platform/outbound/addresses.ts'
import { DirectoryConnection } from './connection.ts'
import { connectFault, DirectoryFault, tlsFault } from './faults.ts'

/** Where a directory is, and how the connection is protected. */
export interface DirectoryTarget {
  host: string
  port: number
  tls: 'ldaps' | 'starttls' | 'none'
  /** PEM of the CA certificates. Null: those of the system. */
  authorities: string | null
  /** Limit of each step of connecting. */
  connectTimeoutMs: number
  /** Limit of each request. */
  responseTimeoutMs: number
}

const startTlsRequest = '1.3.6.1.4.1.1466.20037' // RFC 4511 §4.14.1
/** More than the longest answer to StartTLS. The bytes come before TLS, so anybody on the way may have sent them. */
const maxPlainBytes = 4_096
/** A firewall may drop an idle connection without a word. */
const keepAliveMs = 60_000

/** Rejects with `DirectoryFault`. */
export async function openConnection(target: DirectoryTarget): Promise<DirectoryConnection> {
  return secure(target, await connectTo(target, await resolveTarget(target)))
}

/**
 * The addresses to connect to, so that a second answer of the name server leads nowhere else. Directories are usually in private
 * networks. Without TLS only addresses of this machine are accepted.
 */
export async function resolveTarget({ host, tls }: Pick<DirectoryTarget, 'host' | 'tls'>): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true })
    const allowed = found.filter(({ address }) =>
      tls === 'none' ? isLoopback(address) : isAllowedAddress(address, { mayBePrivate: true }),
    )
    if (allowed.length === 0) throw new AddressRefused(host)
    return allowed.map(({ address }) => address)
  } catch (error) {
    throw connectFault(error)
  }
}

/** Connects to the first address that answers. */
export async function connectTo(
  { port, connectTimeoutMs }: DirectoryTarget,
  addresses: readonly string[],
): Promise<Socket> {
  const faults: unknown[] = []
  for (const host of addresses) {
    try {
      const socket = await openTcp({ host, port }, connectTimeoutMs)
      return socket.setKeepAlive(true, keepAliveMs)
    } catch (error) {
      faults.push(error)
    }
  }
  throw connectFault(faults[0])
}

/** Destroys the socket if it rejects. */
export async function secure(target: DirectoryTarget, socket: Socket): Promise<DirectoryConnection> {
  try {
    return new DirectoryConnection(await secured(target, socket), target.responseTimeoutMs)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function secured(target: DirectoryTarget, socket: Socket): Promise<Socket> {
  const { host, tls, authorities, connectTimeoutMs } = target
  if (tls === 'none') return socket
  if (tls === 'starttls') await startTls(socket, connectTimeoutMs)
  try {
    return await openTls(socket, { host, authorities, isChecked: true }, connectTimeoutMs)
  } catch (error) {
    throw tlsFault(error)
  }
}

/**
 * Sends the request and reads its answer without `Client.startTLS` of the library: that goes on with the same parser, so the beginning
 * of a forged answer that was sent before TLS would be completed by the first bytes inside.
 */
async function startTls(socket: Socket, timeoutMs: number): Promise<void> {
  socket.write(new ExtendedRequest({ messageId: 1, oid: startTlsRequest }).write())
  const answer = await readAnswer(socket, timeoutMs)
  if (!(answer instanceof ExtendedResponse)) throw new DirectoryFault('unexpected_answer')
  if (answer.status !== MessageResponseStatus.Success) throw new DirectoryFault('starttls_refused')
}

/** Reads one message, or rejects with `DirectoryFault`. */
async function readAnswer(socket: Socket, timeoutMs: number): Promise<unknown> {
  const answers: unknown[] = []
  const parser = new MessageParser()
  parser.on('message', (message) => void answers.push(message))
  parser.on('error', () => void socket.destroy())
  for (let received = 0; ; ) {
    const bytes = await nextBytes(socket, timeoutMs)
    received += bytes.length
    if (received > maxPlainBytes) throw new DirectoryFault('unexpected_answer')
    parser.read(bytes, new Map())
    if (answers.length > 0) return answers[0]
  }
}

async function nextBytes(socket: Socket, timeoutMs: number): Promise<Buffer> {
  const ended = new AbortController()
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(timeoutMs)])
  const end = () => ended.abort()
  socket.once('close', end)
  try {
    const [bytes]: Buffer[] = await once(socket, 'data', { signal })
    return bytes ?? Buffer.alloc(0)
  } catch (error) {
    throw ended.signal.aborted ? new DirectoryFault('refused_connection', error) : connectFault(error)
  } finally {
    socket.off('close', end)
  }
}
