/** Permissions in words. */

import type { Operation, Permission } from '@gatehouse/contract/access/permission'
import { plural, t } from '@lingui/core/macro'
import { pathVerbs } from '../../api/permission-needed.ts'

const topicVerbs: Record<Operation, string> = {
  read: t`subscribe to`,
  write: t`publish to`,
  readWrite: t`publish and subscribe to`,
}

export const topicOperations: Record<Operation, string> = {
  read: t`Subscribe`,
  write: t`Publish`,
  readWrite: t`Publish and subscribe`,
}

export const pathOperations: Record<Operation, string> = {
  read: t`Read`,
  write: t`Change`,
  readWrite: t`Read and change`,
}

export const contextWords = { http: 'HTTP', mqtt: 'MQTT' } as const

/** "Publish and subscribe". */
export function operationWords({ context, operation }: Pick<Permission, 'context' | 'operation'>): string {
  return (context === 'mqtt' ? topicOperations : pathOperations)[operation]
}

/** "May subscribe to line-3/#". */
export function permissionSentence({ context, resource, operation }: Permission): string {
  if (context === 'mqtt') return t`May ${topicVerbs[operation]} ${resource === '#' ? t`every topic` : resource}`
  return t`May ${pathVerbs[operation]} ${resource === '/#' ? t`everything in the console` : resource}`
}

interface Copied {
  from: string
  copied: number
  already: number
  tooMuch: number
}

/** "3 copied from line-3-reader; 1 was there already; 2 left out: more than you hold yourself." */
export function copiedWords({ from, copied, already, tooMuch }: Copied): string {
  const parts = [
    t`${copied === 0 ? t`Nothing` : copied} copied from ${from}`,
    already > 0 && t`${already} ${plural(already, { one: 'was', other: 'were' })} there already`,
    tooMuch > 0 && t`${tooMuch} left out: more than you hold yourself`,
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}
