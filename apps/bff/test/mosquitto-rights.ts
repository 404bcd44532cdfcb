/** What a user may do on a broker, found out by doing it. */
import { connectAsync, type MqttClient } from 'mqtt'
import { foreman, passwordOf, triedFilters, triedTopics } from './mosquitto-plant.ts'

/** `read topic` and `write topic`, with the own name in place of `%u`. */
export type Found = string[]

const topicsOf = (username: string) => triedTopics.map((topic) => topic.replaceAll('%u', username))

const signIn = (port: number, username: string): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    username,
    password: passwordOf(username),
    clientId: `client of ${username}`,
    reconnectPeriod: 0,
  })

/** The foreman leaves a retained message on each topic: who may read it gets it. */
export async function leaveMessages(port: number, usernames: readonly string[]): Promise<void> {
  const client = await signIn(port, foreman)
  const topics = new Set(usernames.flatMap(topicsOf))
  for (const topic of topics) await client.publishAsync(topic, topic, { qos: 1, retain: true })
  await client.endAsync()
}

/** Rejects if the user cannot sign in with the old password. */
export async function tryRights(port: number, username: string): Promise<Found> {
  const client = await signIn(port, username)
  const received = new Set<string>()
  client.on('message', (topic) => void received.add(topic))
  const topics = topicsOf(username)
  // A refused subscription rejects; what counts is what arrives.
  for (const filter of [...topics, ...triedFilters]) await client.subscribeAsync(filter, { qos: 0 }).catch(() => {})
  // Retained messages come in the order of the subscriptions. `time` may be read by all: it comes again behind the others.
  received.delete('time')
  await client.subscribeAsync('time', { qos: 0 }).catch(() => {})
  while (!received.has('time')) await new Promise((resolve) => client.once('message', resolve))
  const written: string[] = []
  for (const topic of topics) {
    const isAllowed = await client.publishAsync(topic, 'tried', { qos: 1 }).then(
      () => true,
      () => false,
    )
    if (isAllowed) written.push(topic)
  }
  await client.endAsync()
  return [
    ...topics.filter((topic) => received.has(topic)).map((topic) => `read ${topic}`),
    ...written.map((topic) => `write ${topic}`),
  ]
}
