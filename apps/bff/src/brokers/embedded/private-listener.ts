/**
 * The listener behind `/mqtt` of the console's port. The main thread checks the path and the origin, and passes the bytes on over a socket
 * file that only this user can open. Clients sign in with passwords only: the console asks for no certificate.
 */
import { chmod, rm } from 'node:fs/promises'
import type { ListenerRecord } from '../listeners/listener.ts'
import { type ListenerParts, OpenListener } from './open-listener.ts'

/** Its name on Decisions and Connections. */
const name = 'console'

const record: ListenerRecord = {
  id: name,
  name,
  seed: null,
  purpose: 'websocket',
  address: name,
  port: 0,
  tls: false,
  clientCertificate: 'ignored',
  minimumTlsVersion: '1.2',
  trustedAuthorities: [],
  identity: 'password',
  proxyProtocol: { versions: 'v2', from: [] },
  allowedOrigins: [],
  upstream: null,
  maxConnections: null,
  certificate: null,
  createdAt: '',
  version: 1,
}

/** Rejects if the file system has no socket files. */
export async function openPrivateListener(parts: ListenerParts, path: string): Promise<OpenListener> {
  const listener = new OpenListener(parts, record, { isPrivate: true })
  listener.use(record, null)
  // Of a program that was killed. The data folder is locked, so nobody listens on it.
  await rm(path, { force: true })
  await listener.listen({ path })
  await chmod(path, 0o600)
  return listener
}
