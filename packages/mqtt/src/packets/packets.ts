/** The packets that a server receives, decoded. */
import type { Properties } from './properties.ts'

export type QoS = 0 | 1 | 2

/** 4 is MQTT 3.1.1, 5 is MQTT 5.0. A CONNECT of MQTT 3.1 (`MQIsdp`, 3) is read as 4. */
export type Version = 4 | 5

export interface WillFields {
  topic: string
  payload: Buffer
  qos: QoS
  retain: boolean
  properties: Properties
}

export interface Connect {
  type: 'connect'
  version: Version
  clientId: string
  /** Clean session in MQTT 3.1.1, clean start in MQTT 5. */
  isClean: boolean
  keepAliveSeconds: number
  username: string | undefined
  password: Buffer | undefined
  will: WillFields | undefined
  properties: Properties
}

export interface Publish {
  type: 'publish'
  topic: string
  payload: Buffer
  qos: QoS
  retain: boolean
  dup: boolean
  /** 0 with QoS 0. */
  packetId: number
  properties: Properties
}

export interface Acknowledgement {
  type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
  packetId: number
  reasonCode: number
}

export interface SubscriptionRequest {
  filter: string
  qos: QoS
  noLocal: boolean
  retainAsPublished: boolean
  /** 0: send retained messages; 1: only if the subscription is new; 2: do not. */
  retainHandling: 0 | 1 | 2
}

export interface Subscribe {
  type: 'subscribe'
  packetId: number
  subscriptions: SubscriptionRequest[]
  properties: Properties
}

export interface Unsubscribe {
  type: 'unsubscribe'
  packetId: number
  filters: string[]
}

export interface Disconnect {
  type: 'disconnect'
  reasonCode: number
  properties: Properties
}

export type Packet =
  | Publish
  | Acknowledgement
  | Subscribe
  | Unsubscribe
  | Disconnect
  | { type: 'pingreq' }
  | { type: 'auth' }
