/** What the packets of one connection mean: the first must be CONNECT, the others act on the session. */
import { connect } from './connecting.ts'
import type { Connection, PacketHandler } from './connection.ts'
import type { Core } from './core.ts'
import type { Ending } from './events.ts'
import { decode, packetTypes } from './packets/decode.ts'
import { encodeAcknowledgement, pingresp } from './packets/encode.ts'
import type { Frame } from './packets/frames.ts'
import { PacketError } from './packets/packet-error.ts'
import type { Disconnect, Packet } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import { Publisher } from './publishing.ts'
import { neverExpires, type Session } from './session.ts'
import { subscribe, unsubscribe } from './subscribing.ts'
import { addTraffic } from './traffic.ts'
import type { Wills } from './will.ts'

/** What a handler needs beside the connection. */
export interface Surroundings {
  core: Core
  wills: Wills
  /** Removes an ended connection from the engine. */
  forget(connection: Connection): void
}

export class ClientHandler implements PacketHandler {
  readonly connection: Connection
  readonly surroundings: Surroundings
  readonly #core: Core
  /** Made by the first message: most clients of a large plant publish rarely, or never. */
  #publisher: Publisher | undefined
  /** Set when CONNECT was accepted. */
  session: Session | undefined
  #hasConnect = false

  constructor(connection: Connection, surroundings: Surroundings) {
    this.connection = connection
    this.surroundings = surroundings
    this.#core = surroundings.core
  }

  handle(frame: Frame): void {
    if (this.#core.journal.isBehind) this.#waitForStore()
    if (this.#hasConnect) {
      // A second CONNECT is a protocol error [MQTT-3.1.0-2]; `decode` refuses it.
      this.#dispatch(decode(frame, this.connection.version, this.#core.limits))
      return
    }
    // The first packet must be CONNECT [MQTT-3.1.0-1], with all flags 0.
    if (frame.first !== packetTypes.connect << 4) {
      throw new PacketError(reasonCodes.protocolError, 'the first packet is not CONNECT')
    }
    this.#hasConnect = true
    this.#core.counts.connects++
    connect(this, frame.body)
  }

  hasRoom(): void {
    this.session?.outbox.pump()
  }

  ended(ending: Ending): void {
    const { session, connection } = this
    const { info } = connection
    this.surroundings.forget(connection)
    addTraffic(this.#core.endedTraffic, connection.traffic)
    if (!session || !info) return
    this.#core.budgets.connections.give(session.user, 0)
    this.#core.events.disconnected?.(info, ending)
    if (session.peer === connection) this.#leave(session, ending)
  }

  /** The session goes on without a connection, or ends. */
  #leave(session: Session, { dropsWill }: Ending): void {
    const { wills } = this.surroundings
    session.peer = undefined
    if (dropsWill) wills.discard(session.clientId)
    const { expirySeconds } = session
    wills.arm(session.clientId, expirySeconds)
    if (expirySeconds === 0) session.end()
    else keepUntilExpiry(this.#core, session, wills)
  }

  #dispatch(packet: Packet): void {
    const { session, connection } = this
    if (!session) return
    switch (packet.type) {
      case 'publish':
        connection.traffic.messagesReceived++
        this.#publisher ??= new Publisher(this.#core, connection)
        return this.#publisher.publish(session, packet)
      case 'subscribe':
        return subscribe(this.#core, { session, connection, packet })
      case 'unsubscribe':
        return unsubscribe(this.#core, { session, connection, packet })
      case 'pingreq':
        // At once: it must not wait for the output of thousands of other clients.
        connection.write(pingresp)
        return connection.flush()
      case 'disconnect':
        return this.#disconnect(session, packet)
      case 'auth':
        // No authentication method was agreed on in CONNECT [MQTT-4.12.0-7].
        throw new PacketError(reasonCodes.protocolError, 'AUTH without an authentication method')
      case 'puback':
        return session.outbox.puback(packet.packetId)
      case 'pubrec':
        return session.outbox.pubrec(packet.packetId, packet.reasonCode)
      case 'pubcomp':
        return session.outbox.pubcomp(packet.packetId)
      case 'pubrel':
        return this.#release(session, packet.packetId)
    }
  }

  /** PUBREL. PUBCOMP waits for the store: after a crash the identifier must not be taken for a message that is known. */
  #release(session: Session, packetId: number): void {
    const reasonCode = session.release(packetId) ? reasonCodes.success : reasonCodes.packetIdentifierNotFound
    const { connection } = this
    this.#core.journal.afterCommit(
      () => connection.write(encodeAcknowledgement(connection.version, 'pubcomp', { packetId, reasonCode })),
      connection,
    )
  }

  #disconnect(session: Session, { reasonCode, properties }: Disconnect): void {
    const { sessionExpiryInterval: wanted } = properties
    if (wanted !== undefined) {
      if (session.expirySeconds === 0 && wanted > 0) {
        throw new PacketError(reasonCodes.protocolError, 'DISCONNECT sets an expiry for a session without one')
      }
      session.expirySeconds = Math.min(wanted, this.#core.limits.sessionExpiryMaxSeconds)
    }
    const isNormal = reasonCode === reasonCodes.success
    const message = isNormal ? 'DISCONNECT' : `DISCONNECT with reason code ${reasonCode}`
    this.connection.end({ code: reasonCodes.success, message, dropsWill: isNormal })
  }

  #waitForStore(): void {
    const { connection } = this
    connection.hold()
    this.#core.journal.afterCommit(() => connection.release(), connection)
  }
}

/** Starts the time of a session without a connection. Its will is published at the latest when it ends. */
export function keepUntilExpiry(core: Core, session: Session, wills: Wills): void {
  if (session.expirySeconds < neverExpires) {
    session.expiresAt ??= core.now() + session.expirySeconds * 1000
    session.expiry = core.deadlines.set(session.expiresAt, () => {
      core.counts.expiredSessions++
      session.end()
      wills.fire(session.clientId)
    })
  }
  session.save()
}
