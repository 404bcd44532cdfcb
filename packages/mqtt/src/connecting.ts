/** CONNECT: the policy admits the client, then the session begins or goes on (§3.1.4). */
import { randomBytes } from 'node:crypto'
import type { Core } from './core.ts'
import type { EngineReason } from './events.ts'
import { copyOf, type Message, weigh } from './message.ts'
import type { ClientHandler } from './packet-handler.ts'
import { decodeConnect, UnsupportedVersionError } from './packets/decode-connect.ts'
import { encodeConnack } from './packets/encode.ts'
import type { Connect, WillFields } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import { countLevels } from './packets/text.ts'
import { type Admitted, type Client, isRefused, type RefusalAnswer } from './policy.ts'
import { neverExpires, Session, TopicAliases, weighSession } from './session.ts'
import { Will } from './will.ts'

/** The packet, with the client id that holds: the client's, or one that the server assigned. */
interface Attempt {
  packet: Connect
  clientId: string
}

/** Handles the first packet of a connection. Reading stops until the answer is written. */
export function connect(handler: ClientHandler, body: Buffer): void {
  const { connection } = handler
  let packet: Connect
  try {
    packet = decodeConnect(body)
  } catch (error) {
    if (error instanceof UnsupportedVersionError)
      connection.write(encodeConnack(4, { reasonCode: error.code, sessionPresent: false }))
    throw error
  }
  connection.version = packet.version
  connection.maxPacketBytes = packet.properties.maximumPacketSize ?? Number.POSITIVE_INFINITY
  connection.acceptsProblemInformation = packet.properties.requestProblemInformation !== 0
  connection.hold()
  const clientId = packet.clientId || `auto-${randomBytes(12).toString('hex')}`
  askPolicy(handler, { packet, clientId })
    .catch((error: unknown) => {
      handler.surroundings.core.events.failed?.(error)
      connection.end({ code: reasonCodes.unspecifiedError, message: String(error), dropsWill: true })
    })
    .finally(() => connection.release())
}

async function askPolicy(handler: ClientHandler, attempt: Attempt): Promise<void> {
  const { connection, surroundings } = handler
  const { policy, limits } = surroundings.core
  const { packet, clientId } = attempt
  if (packet.properties.authenticationMethod !== undefined) {
    return refuse(handler, attempt, 'enhanced_authentication', { code: reasonCodes.badAuthenticationMethod })
  }
  // MQTT 3.1.1 clients without an id must ask for a clean session [MQTT-3.1.3-8]; MQTT 5 has no such rule.
  if (packet.clientId === '' && packet.version === 4 && !packet.isClean) {
    return refuse(handler, attempt, 'client_id_missing', { code: reasonCodes.clientIdentifierNotValid })
  }
  if (Buffer.byteLength(clientId) > limits.clientIdBytes) {
    return refuse(handler, attempt, 'client_id_too_long', { code: reasonCodes.clientIdentifierNotValid })
  }
  const { version, isClean, username, password } = packet
  const will = packet.will && {
    topic: packet.will.topic,
    qos: packet.will.qos,
    retain: packet.will.retain,
    isWill: true,
  }
  const userProperties = packet.properties.userProperties ?? []
  const request = { clientId, version, isClean, username, password, will, userProperties }
  for (;;) {
    const answer = await policy.connect(request, connection.context)
    // Reported also if the client has left meanwhile.
    if (isRefused(answer)) return refuse(handler, attempt, answer.refused, policy.reasonFor(answer.refused))
    if (connection.isEnded) return
    if (!answer.isOutdated?.()) return begin(handler, attempt, answer)
  }
}

/** The client is admitted. From here to CONNACK everything happens at once, but for the store. */
function begin(handler: ClientHandler, attempt: Attempt, { user, data, memo }: Admitted): void {
  const { connection, surroundings } = handler
  const { core } = surroundings
  const { packet, clientId } = attempt
  const client: Client = { clientId, user, data }
  const weight = weighSession(clientId, memo)
  const found = findObjection(handler, attempt, { client, weight })
  if (found) return refuse(handler, attempt, found.reason, found.answer, client)
  const expirySeconds = sessionExpiry(packet, core.limits.sessionExpiryMaxSeconds)
  const { session, isPresent } = openSession(handler, packet, { client, expirySeconds, weight })
  connection.client = client
  handler.session = session
  session.peer = connection
  session.client = client
  session.memo = memo
  // The session, if it is stored, has the memo already.
  if (packet.will) surroundings.wills.set(client, willOf(packet.will, user), session.isDurable ? undefined : memo)
  setUp(handler, packet)
  session.save()
  core.counts.mostConnected = Math.max(core.counts.mostConnected, core.budgets.connections.total.count)
  if (connection.info) core.events.connected?.(connection.info)
  // Reading goes on after CONNACK, so the client's next packet finds a stored session.
  connection.hold()
  core.journal.afterCommit(() => {
    connection.release()
    if (session.peer !== connection) return
    const properties = packet.version === 5 ? connackProperties(handler, attempt, expirySeconds) : {}
    connection.write(
      encodeConnack(packet.version, { reasonCode: reasonCodes.success, sessionPresent: isPresent, properties }),
    )
    connection.isReady = true
    session.outbox.resume()
  }, connection)
}

interface Objection {
  reason: unknown
  answer: RefusalAnswer
}

/** What speaks against an admitted client: bounds, another user's session, a will that it may not publish. */
function findObjection(
  handler: ClientHandler,
  { packet, clientId }: Attempt,
  { client, weight }: { client: Client; weight: number },
): Objection | undefined {
  const { core } = handler.surroundings
  const { user } = client
  const existing = core.sessions.get(clientId)
  if (existing && existing.user !== user)
    return objection('client_id_of_another_user', reasonCodes.clientIdentifierNotValid)
  if (!core.connectBucket(user).take(core.now()))
    return objection('connects_too_fast', reasonCodes.connectionRateExceeded)
  const toWill = packet.will && objectToWill(handler, packet.will, client)
  if (toWill) return toWill
  if (!takeRoom(core, existing, { user, weight })) return objection('too_many_sessions')
  if (core.budgets.connections.take(user, 0)) return undefined
  if (!existing) core.budgets.sessions.give(user, weight)
  return objection('too_many_connections')
}

/** Takes room for a new session, or changes the weight of one that is there. */
function takeRoom(core: Core, existing: Session | undefined, { user, weight }: { user: string; weight: number }) {
  const { sessions } = core.budgets
  if (!existing) return sessions.take(user, weight)
  sessions.give(user, existing.weight)
  const isTaken = sessions.take(user, weight)
  if (isTaken) existing.weight = weight
  else sessions.takeAnyway(user, existing.weight)
  return isTaken
}

function objection(reason: EngineReason, code: number = reasonCodes.quotaExceeded): Objection {
  return { reason, answer: { code } }
}

function objectToWill(handler: ClientHandler, will: WillFields, client: Client): Objection | undefined {
  const { core } = handler.surroundings
  const { topic, qos, retain } = will
  if (!core.budgets.wills.hasRoom(client.user, weigh(willOf(will, client.user).message))) {
    return objection('will_quota')
  }
  if (countLevels(topic) > core.limits.topicLevels) return objection('topic_too_deep', reasonCodes.topicNameInvalid)
  // `Policy.connect` has seen the will, too. It is judged here so that no policy can forget it.
  const answer = core.policy.publish(client, { topic, qos, retain, isWill: true })
  return isRefused(answer) ? { reason: answer.refused, answer: core.policy.reasonFor(answer.refused) } : undefined
}

/** Takes the session over from another connection, ends an old session, or begins a new one. */
function openSession(
  handler: ClientHandler,
  packet: Connect,
  { client, expirySeconds, weight }: { client: Client; expirySeconds: number; weight: number },
): { session: Session; isPresent: boolean } {
  const { core, wills } = handler.surroundings
  const before = core.sessions.get(client.clientId)
  const peer = before?.peer
  // The old connection ends before the new one begins [MQTT-3.1.4-3].
  peer?.end({ code: reasonCodes.sessionTakenOver, message: 'taken over', dropsWill: false })
  const existing = core.sessions.get(client.clientId)
  const isOver = existing?.expiresAt !== undefined && existing.expiresAt <= core.now()
  if (existing && !packet.isClean && !isOver) {
    core.deadlines.clear(existing.expiry)
    existing.expiresAt = undefined
    existing.expirySeconds = expirySeconds
    // The client is back before its will was due: it is not published [MQTT-3.1.3-9].
    wills.discard(client.clientId)
    existing.judgeAgain(client)
    return { session: existing, isPresent: true }
  }
  if (existing) {
    existing.end()
    wills.fire(client.clientId)
  }
  // `findObjection` took room for a new session only if there was none.
  if (before) core.budgets.sessions.takeAnyway(client.user, weight)
  const session = new Session(core, client, expirySeconds)
  session.weight = weight
  core.sessions.set(client.clientId, session)
  return { session, isPresent: false }
}

function sessionExpiry({ version, isClean, properties }: Connect, maximum: number): number {
  const wanted = version === 5 ? (properties.sessionExpiryInterval ?? 0) : isClean ? 0 : neverExpires
  return Math.min(wanted, maximum)
}

function willOf({ topic, payload, qos, retain, properties }: WillFields, user: string): Will {
  const forwarded = properties.forwarded && copyOf(properties.forwarded)
  const message: Message = {
    topic,
    payload: copyOf(payload),
    qos,
    retain,
    forwarded,
    expiresAt: 0,
    user,
    memory: 'own',
  }
  return new Will(message, properties.willDelayInterval ?? 0, properties.messageExpiryInterval)
}

function setUp(handler: ClientHandler, { version, properties, keepAliveSeconds }: Connect): void {
  const { connection } = handler
  const { limits } = handler.surroundings.core
  const { receiveMaximum = 65_535, topicAliasMaximum = 0 } = properties
  connection.sendMaximum = Math.min(receiveMaximum, limits.sendMaximum)
  const aliases = Math.min(topicAliasMaximum, limits.topicAliases)
  connection.aliases = aliases > 0 ? new TopicAliases(aliases) : undefined
  connection.frames.maxPacketBytes = limits.packetBytes
  const isTooLong = keepAliveSeconds === 0 || keepAliveSeconds > limits.keepAliveMaxSeconds
  connection.keepAliveSeconds = version === 5 && isTooLong ? limits.keepAliveMaxSeconds : keepAliveSeconds
}

function connackProperties(handler: ClientHandler, { packet, clientId }: Attempt, expirySeconds: number): object {
  const { limits } = handler.surroundings.core
  const { keepAliveSeconds } = handler.connection
  const wantedExpiry = packet.properties.sessionExpiryInterval ?? 0
  return {
    sessionExpiryInterval: expirySeconds === wantedExpiry ? undefined : expirySeconds,
    assignedClientIdentifier: packet.clientId === '' ? clientId : undefined,
    serverKeepAlive: keepAliveSeconds === packet.keepAliveSeconds ? undefined : keepAliveSeconds,
    receiveMaximum: limits.receiveMaximum,
    topicAliasMaximum: limits.topicAliases,
    maximumPacketSize: limits.packetBytes,
  }
}

function refuse(
  handler: ClientHandler,
  attempt: Attempt,
  reason: unknown,
  answer: RefusalAnswer,
  client?: Client,
): void {
  const { connection, surroundings } = handler
  const { packet, clientId } = attempt
  surroundings.core.refused({ what: 'connect', reason, clientId, client, context: connection.context })
  const fields = { reasonCode: answer.code, sessionPresent: false }
  connection.writeWithReason(answer.text, (reasonString) =>
    encodeConnack(packet.version, { ...fields, properties: { reasonString } }),
  )
  connection.end({ code: answer.code, message: 'refused', dropsWill: true })
}
