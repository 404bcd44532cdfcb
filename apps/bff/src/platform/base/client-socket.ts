/** Opens TCP and TLS connections step by step, so that a test of a connection can name the step that failed. */
import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Endpoint {
  host: string
  port: number
}

/** Rejects with the error of the system, such as `ECONNREFUSED`. The caller destroys the socket. */
export async function openTcp({ host, port }: Endpoint, withinMs: number): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) })
  } catch (error) {
    socket.destroy()
    throw error
  }
  // A later error ends the step that uses the socket. Without a listener it would end the process.
  socket.on('error', () => {})
  return socket
}

/** `authorities`: PEM of the CA certificates. Null: those of the system. `isChecked` false: any certificate will do. */
export async function openTls(
  under: Socket,
  { host, authorities, isChecked }: { host: string; authorities: string | null; isChecked: boolean },
  withinMs: number,
): Promise<Socket> {
  const socket = connectTls({
    socket: under,
    rejectUnauthorized: isChecked,
    // An IP address is no server name (RFC 6066 §3).
    ...(isIP(host) ? { host } : { host, servername: host }),
    ...(authorities !== null && { ca: authorities }),
  })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(withinMs) })
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.on('error', () => {})
  return socket
}
