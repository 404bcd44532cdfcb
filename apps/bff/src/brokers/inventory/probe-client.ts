/** Sends CONNECT to a broker as a client would, so that a test can tell what the broker answers. */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'

export const stepWithinMs = 3_000

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
