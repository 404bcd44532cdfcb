/** Connects to a broker as a client would, step by step, so that a test can name the step that failed. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export const stepWithinMs = 3_000

export interface Endpoint {
  host: string
  port: number
}

/** Rejects with the error of the system, such as `ECONNREFUSED`. The caller destroys the socket. */
export async function openTcp({ host, port }: Endpoint): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(stepWithinMs) })
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
): Promise<Socket> {
  const socket = connectTls({
    socket: under,
    rejectUnauthorized: isChecked,
    // An IP address is no server name (RFC 6066 §3).
    ...(isIP(host) ? { host } : { host, servername: host }),
    ...(authorities !== null && { ca: authorities }),
  })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(stepWithinMs) })
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.on('error', () => {})
  return socket
}

export interface Credentials {
  username: string
  password: string
}

/** `code`: the return code of the CONNACK (MQTT 3.1.1 §3.2.2.3). Null: the broker closed the connection without one. */
export type Answer = { outcome: 'admitted' } | { outcome: 'refused'; code: number | null } | { outcome: 'silent' }

/** Sends CONNECT and ends the connection after the answer. */
export async function tryConnect(socket: Socket, credentials: Credentials | null): Promise<Answer> {
  const { MqttClient } = await import('mqtt')
  const client = new MqttClient(() => socket, {
    protocolVersion: 4,
    clientId: `gatehouse-test-${randomUUID().slice(0, 8)}`,
    clean: true,
    reconnectPeriod: 0,
    // Later than our own limit, which tells silence from a refusal.
    connectTimeout: 2 * stepWithinMs,
    ...credentials,
  })
  try {
    return await new Promise<Answer>((resolve) => {
      const late = setTimeout(() => resolve({ outcome: 'silent' }), stepWithinMs)
      const settle = (answer: Answer) => {
        clearTimeout(late)
        resolve(answer)
      }
      client.on('connect', () => settle({ outcome: 'admitted' }))
      client.on('error', (error) => settle({ outcome: 'refused', code: returnCodeOf(error) }))
      client.on('close', () => settle({ outcome: 'refused', code: null }))
    })
  } finally {
    client.end(true)
    socket.destroy()
  }
}

function returnCodeOf(error: Error): number | null {
  return 'code' in error && typeof error.code === 'number' ? error.code : null
}
