/** Counts what connections carry. */

/** What one connection, or all of them, have carried since they began. */
export interface Traffic {
  /** Packets of every type. */
  packetsReceived: number
  packetsSent: number
  /** PUBLISH packets, also the ones that the broker refused. */
  messagesReceived: number
  messagesSent: number
  /** Of the MQTT packets, without TLS and WebSocket frames. */
  bytesReceived: number
  bytesSent: number
}

export function noTraffic(): Traffic {
  return { packetsReceived: 0, packetsSent: 0, messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0 }
}

export function addTraffic(sum: Traffic, part: Readonly<Traffic>): void {
  sum.packetsReceived += part.packetsReceived
  sum.packetsSent += part.packetsSent
  sum.messagesReceived += part.messagesReceived
  sum.messagesSent += part.messagesSent
  sum.bytesReceived += part.bytesReceived
  sum.bytesSent += part.bytesSent
}
