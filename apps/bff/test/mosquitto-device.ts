/** A device that connects to a real Mosquitto, with MQTT.js. */
import type { Issued } from '@gatehouse/pki/testing/certificates'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { MosquittoBroker } from './mosquitto-broker.ts'

export interface Device {
  client: MqttClient
  /** Topics and payloads that it received, as `topic payload`. */
  received: string[]
  /** The reason of the DISCONNECT that the broker sent, when the connection has ended. Null: without a DISCONNECT. */
  ended: Promise<number | null>
}

export interface Credentials {
  certificate?: Pick<Issued, 'certificatePem' | 'privateKeyPem'>
  login?: { username: string; password: string }
  clientId?: string
  options?: IClientOptions
}

let devices = 0

/** Null: the broker refused it. */
export async function connectDevice(broker: MosquittoBroker, credentials: Credentials): Promise<Device | null> {
  const { certificate, login, clientId = `device-${++devices}`, options } = credentials
  const client = mqtt.connect({
    protocol: 'mqtts',
    host: '127.0.0.1',
    servername: 'localhost',
    port: certificate ? broker.ports.certificate : broker.ports.password,
    ca: broker.serverCa.certificatePem,
    ...(certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }),
    ...login,
    clientId,
    protocolVersion: 5,
    reconnectPeriod: 0,
    ...options,
  })
  const received: string[] = []
  client.on('message', (topic, payload) => void received.push(`${topic} ${payload.toString()}`))
  const { promise: ended, resolve: end } = Promise.withResolvers<number | null>()
  client.on('disconnect', ({ reasonCode }) => end(reasonCode ?? 0))
  client.on('close', () => end(null))
  // A refusal in TLS or in the CONNACK. The close follows.
  client.on('error', () => {})
  const isConnected = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true))
    client.once('close', () => resolve(false))
  })
  if (isConnected) return { client, received, ended }
  await client.endAsync(true)
  return null
}

/** Whether the broker accepts a message of this device. */
export async function mayPublish({ client }: Device, topic: string): Promise<boolean> {
  try {
    await client.publishAsync(topic, 'x', { qos: 1 })
    return true
  } catch {
    return false
  }
}

export async function maySubscribe({ client }: Device, filter: string): Promise<boolean> {
  try {
    await client.subscribeAsync(filter, { qos: 1 })
    return true
  } catch {
    return false
  }
}
