/** Permissions in words. */

import type { Operation, Permission } from '@gatehouse/contract/access/permission'
import { pathVerbs } from '../../api/permission-needed.ts'

const topicVerbs: Record<Operation, string> = {
  read: 'subscribe to',
  write: 'publish to',
  readWrite: 'publish and subscribe to',
}

export const topicOperations: Record<Operation, string> = {
  read: 'Subscribe',
  write: 'Publish',
  readWrite: 'Publish and subscribe',
}

export const pathOperations: Record<Operation, string> = {
  read: 'Read',
  write: 'Change',
  readWrite: 'Read and change',
}

export const contextWords = { http: 'HTTP', mqtt: 'MQTT' } as const

/** "Publish and subscribe". */
export function operationWords({ context, operation }: Pick<Permission, 'context' | 'operation'>): string {
  return (context === 'mqtt' ? topicOperations : pathOperations)[operation]
}

/** "May subscribe to line-3/#". */
export function permissionSentence({ context, resource, operation }: Permission): string {
  if (context === 'mqtt') return `May ${topicVerbs[operation]} ${resource === '#' ? 'every topic' : resource}`
  return `May ${pathVerbs[operation]} ${resource === '/#' ? 'everything in the console' : resource}`
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
    `${copied === 0 ? 'Nothing' : copied} copied from ${from}`,
    already > 0 && `${already} ${already === 1 ? 'was' : 'were'} there already`,
    tooMuch > 0 && `${tooMuch} left out: more than you hold yourself`,
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}
