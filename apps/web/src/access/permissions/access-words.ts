/** Why something is allowed or not, in words. */

import type { AccessReason } from '@gatehouse/contract/access/permissions'
import { t } from '@lingui/core/macro'

export const accessReasonWords: Record<AccessReason, string> = {
  permitted: t`Allowed by`,
  no_permission: t`Denied: no matching permission.`,
  user_disabled: t`Denied: the user is disabled.`,
  topic_expected: t`Denied: a message goes to one topic, without wildcards.`,
  broker_topic: t`Denied: only the broker publishes below $SYS.`,
  shared_subscription: t`Denied: a shared subscription has a group and a filter, as in $share/group/line-3/#.`,
}

/** The operations as verbs that people use. */
export const deeds = {
  subscribe: { context: 'mqtt', operation: 'read', label: t`Subscribe to`, example: 'line-3/press-1/state' },
  publish: { context: 'mqtt', operation: 'write', label: t`Publish to`, example: 'line-3/press-1/setpoint' },
  read: { context: 'http', operation: 'read', label: t`Read`, example: '/api/users' },
  change: { context: 'http', operation: 'write', label: t`Change`, example: '/api/users' },
  fetch: {
    context: 'edge',
    operation: 'read',
    label: t`Read through the edge`,
    example: '/mender/api/devices/v1/deployments',
  },
  send: {
    context: 'edge',
    operation: 'write',
    label: t`Send through the edge`,
    example: '/mender/api/devices/v1/inventory',
  },
} as const

export type Deed = keyof typeof deeds
export const deedNames = Object.keys(deeds) as Deed[]
