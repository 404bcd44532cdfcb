/** The texts for refusals before TLS and MQTT: the PROXY protocol and WebSocket. */
import { t } from '@lingui/core/macro'

export interface ReasonWords {
  sentence: string
  advice: string
}

export const transportWords = {
  proxy_not_named: {
    sentence: t`The listener is behind a proxy, and this address is none of its proxies.`,
    advice: t`Connect through the proxy, or name this address on the listener.`,
  },
  proxy_header_missing: {
    sentence: t`The listener requires the PROXY protocol, and the connection began without it.`,
    advice: t`Turn the PROXY protocol on in the proxy (HAProxy: send-proxy-v2).`,
  },
  proxy_header_malformed: {
    sentence: t`The header of the PROXY protocol is incomplete, malformed or of another version.`,
    advice: t`Compare the version in the proxy with that of the listener.`,
  },
  websocket_handshake: {
    sentence: t`The client did not ask for WebSocket, or not correctly.`,
    advice: t`Use a client for MQTT over WebSocket, with a URL that begins with ws:// or wss://.`,
  },
  websocket_path: {
    sentence: t`The client asked for another path than /mqtt.`,
    advice: t`Set the path /mqtt in the client.`,
  },
  websocket_subprotocol: {
    sentence: t`The client did not offer the subprotocol mqtt.`,
    advice: t`Set the subprotocol mqtt in the client.`,
  },
  websocket_origin: {
    sentence: t`A web page of an origin that is not allowed tried to connect.`,
    advice: t`If the page is yours, add its origin to the listener.`,
  },
  websocket_frame: {
    sentence: t`The client sent a WebSocket frame that is not allowed: text, too large or malformed.`,
    advice: t`MQTT travels in binary frames, each at most as large as the largest packet.`,
  },
} satisfies Record<string, ReasonWords>
