/** Reason codes of MQTT 5.0 (§2.4) that this server sends or reads. MQTT 3.1.1 knows only the return codes of CONNACK. */

export const reasonCodes = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  connectionRateExceeded: 0x9f,
} as const

const connackCodes = new Map<number, number>([
  [reasonCodes.success, 0],
  [reasonCodes.unsupportedProtocolVersion, 1],
  [reasonCodes.clientIdentifierNotValid, 2],
  [reasonCodes.serverUnavailable, 3],
  [reasonCodes.serverBusy, 3],
  [reasonCodes.serverShuttingDown, 3],
  [reasonCodes.quotaExceeded, 3],
  [reasonCodes.connectionRateExceeded, 3],
  [reasonCodes.badUserNameOrPassword, 4],
])

/** The return code of an MQTT 3.1.1 CONNACK (§3.2.2.3) for a reason code of MQTT 5. Codes without a counterpart become 5, "not authorized". */
export function connackReturnCode(reasonCode: number): number {
  return connackCodes.get(reasonCode) ?? 5
}
