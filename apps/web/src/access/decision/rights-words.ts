/** The texts for topics and requests that the rights of a user do not cover. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'
import type { ReasonWords } from './transport-words.ts'

export const rightsWords = {
  subscribe_refused: {
    sentence: t`The user may not subscribe to this topic.`,
    advice: t`Assign a role that may subscribe to this topic. The connection stayed open.`,
  },
  publish_refused: {
    sentence: t`The user may not publish to this topic. MQTT 3.1.1 can only close the connection.`,
    advice: t`Assign a role that may publish to this topic, and check the publish prefix.`,
  },
  will_refused: {
    sentence: t`The user may not publish its will to this topic.`,
    advice: t`Assign a role that may publish to this topic, or remove the will.`,
  },
  request_refused: {
    sentence: t`The user may not send this request through the edge.`,
    advice: t`Assign a role that allows this path of the upstream. The connection stayed open.`,
  },
} satisfies Partial<Record<RefusalReason, ReasonWords>>
