/**
 * A Cedalo Pro Mosquitto as its documentation describes it: a real MQTT broker (our engine), and a client that answers on the
 * `$CONTROL` topics. It can also answer late, wrongly, twice, with another correlation id, or not at all.
 */
import { startWorld } from '@gatehouse/mqtt/testing/world'
import mqtt, { type MqttClient } from 'mqtt'

interface Command {
  command: string
  correlationData?: string
  listener_id?: number
  file_name?: string
  ca_cert_pem?: string
}

type Response = Record<string, unknown>

/** `answer`: as documented. `foreign`: with the id of another console. `garbled`: no JSON. */
export type Manner = 'answer' | 'never' | 'twice' | 'foreign' | 'garbled' | 'other-command' | 'no-data'

export interface FakeCedalo {
  port: number
  /** By listener id: the files of its capath. */
  capaths: Map<number, Map<string, string>>
  listeners: Response[]
  /** Every command in its order: `insert 2 file`. */
  received: string[]
  hasDynsec: boolean
  /** How often all users were disconnected: each is a change of the role that they have in common. */
  kicks: number
  manner: Manner
  /** Called for each command of the certificate management, before it is answered. A text is the error of the answer. */
  refuses: (command: Command) => string | null
  /** Ends all connections. The broker accepts new ones. */
  dropAll(): void
  stop(): Promise<void>
}

export const proListeners = (): Response[] => [
  { id: 1, port: 1883, protocol: 'mqtt', tls: false, 'require-certificate': false },
  { id: 2, port: 8883, protocol: 'mqtt', tls: true, 'require-certificate': true },
  { id: 3, port: 8884, protocol: 'mqtt', tls: true, 'require-certificate': true, 'bind-address': '10.0.0.7' },
  { id: 4, port: 8885, protocol: 'mqtt+websockets', tls: true, 'require-certificate': false },
]

export async function startFakeCedalo(): Promise<FakeCedalo> {
  const connections = new Map<number, string>()
  const world = await startWorld({
    events: {
      connected: ({ id, client }) => void connections.set(id, client.clientId),
      disconnected: ({ id }) => void connections.delete(id),
    },
  })
  const responder = await mqtt.connectAsync(`mqtt://127.0.0.1:${world.port}`, {
    protocolVersion: 5,
    clientId: 'plugin',
  })
  const fake: FakeCedalo = {
    port: world.port,
    capaths: new Map(),
    listeners: proListeners(),
    received: [],
    hasDynsec: true,
    kicks: 0,
    manner: 'answer',
    refuses: () => null,
    dropAll: () => {
      for (const [id, clientId] of connections) if (clientId !== 'plugin') world.engine.close(id)
    },
    stop: async () => {
      await responder.endAsync(true)
      await world.stop()
    },
  }
  responder.on('message', (topic, payload) => respond(fake, responder, { topic, payload }))
  await responder.subscribeAsync(['$CONTROL/broker/v1', '$CONTROL/certificate-management/v1', dynsecTopic])
  return fake
}

const dynsecTopic = '$CONTROL/dynamic-security/v1'

/** The control user may receive answers. Changes are accepted and not kept. */
const dynsecState = {
  totalCount: 1,
  clients: [{ username: 'gatehouse', roles: [{ rolename: 'admin', priority: 0 }], groups: [] }],
  roles: [
    {
      rolename: 'admin',
      acls: [{ acltype: 'publishClientReceive', topic: '$CONTROL/#', priority: 0, allow: true }],
    },
  ],
  groups: [],
  acls: ['publishClientSend', 'publishClientReceive', 'subscribe'].map((acltype) => ({ acltype, allow: false })),
}

function respond(
  fake: FakeCedalo,
  responder: MqttClient,
  { topic, payload }: { topic: string; payload: Buffer },
): void {
  const { commands } = JSON.parse(payload.toString()) as { commands: Command[] }
  if (topic === dynsecTopic) return respondAsDynsec(fake, responder, commands)
  const responses = commands.map((command) => ({
    command: fake.manner === 'other-command' ? 'listPlugins' : command.command,
    ...(fake.manner === 'no-data' ? {} : carryOut(fake, command)),
    correlationData: fake.manner === 'foreign' ? 'gatehouse-other-1' : command.correlationData,
  }))
  if (fake.manner === 'never') return
  const text = fake.manner === 'garbled' ? '{"responses":' : JSON.stringify({ responses })
  responder.publish(`${topic}/response`, text)
  if (fake.manner === 'twice') responder.publish(`${topic}/response`, text)
}

function carryOut(fake: FakeCedalo, command: Command): Response {
  const { listener_id: id = 0, file_name: file = '', ca_cert_pem: pem = '' } = command
  if (command.command === 'listListeners') return { data: { listeners: fake.listeners } }
  const files = fake.capaths.get(id) ?? new Map<string, string>()
  fake.capaths.set(id, files)
  const isInsert = command.command === 'insertCACertificate'
  fake.received.push(`${isInsert ? 'insert' : 'delete'} ${id} ${file}`)
  const error = fake.refuses(command)
  if (error !== null) return { error }
  if (isInsert && files.has(file)) return { error: 'File already exists' }
  if (!isInsert && !files.has(file)) return { error: 'File could not be deleted' }
  if (isInsert) files.set(file, pem)
  else files.delete(file)
  return { data: { response: 'SUCCESS' } }
}

function respondAsDynsec(fake: FakeCedalo, responder: MqttClient, commands: readonly Command[]): void {
  if (!fake.hasDynsec) return
  fake.kicks += commands.filter(({ command }) => /^(add|remove)RoleACL$/.test(command)).length
  const responses = commands.map(({ command, correlationData }) => ({ command, correlationData, data: dynsecState }))
  responder.publish(`${dynsecTopic}/response`, JSON.stringify({ responses }))
}
