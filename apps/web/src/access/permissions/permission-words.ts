/** Permissions in words. */

import type { Operation, Permission } from '@gatehouse/contract/access/permission'
import { operationOf, type Route } from '@gatehouse/contract/route'

const topicVerbs: Record<Operation, string> = {
  read: 'subscribe to',
  write: 'publish to',
  readWrite: 'publish and subscribe to',
}

const pathVerbs: Record<Operation, string> = {
  read: 'read',
  write: 'change',
  readWrite: 'read and change',
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

/** Why a button is disabled: which permission it would take. */
export function permissionNeeded(route: Route): string {
  if (route.administrator) {
    return 'Only an administrator can change this: it takes all permissions, as the role gatehouse-admin has them.'
  }
  const path = `/api${route.path}`.replace(/:[a-zA-Z]+/g, '+')
  return `You need the permission to ${pathVerbs[operationOf(route)]} ${path}.`
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
