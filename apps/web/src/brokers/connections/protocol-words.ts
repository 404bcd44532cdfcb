import type { ConnectionProtocol } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'

export const protocolWords: Record<ConnectionProtocol, string> = { mqtt: 'MQTT', http: t`HTTP for devices` }
