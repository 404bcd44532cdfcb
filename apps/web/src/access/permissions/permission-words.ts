/** Permissions in words. */

import type { Context, Operation, Permission } from '@gatehouse/contract/access/permission'
import { plural, t } from '@lingui/core/macro'

const topicOperations: Record<Operation, string> = {
  read: t`Subscribe`,
  write: t`Publish`,
  readWrite: t`Publish and subscribe`,
}

const pathOperations: Record<Operation, string> = {
  read: t`Read`,
  write: t`Change`,
  readWrite: t`Read and change`,
}

const requestOperations: Record<Operation, string> = {
  read: t`Read (GET, HEAD)`,
  write: t`Send (other methods)`,
  readWrite: t`Read and send`,
}

export const operationsOf: Record<Context, Record<Operation, string>> = {
  http: pathOperations,
  mqtt: topicOperations,
  edge: requestOperations,
}

export const contextWords: Record<Context, string> = { http: 'HTTP', mqtt: 'MQTT', edge: t`Edge` }

/** "Publish and subscribe". */
export function operationWords({ context, operation }: Pick<Permission, 'context' | 'operation'>): string {
  return operationsOf[context][operation]
}

/** "May subscribe to line-3/#". */
export function permissionSentence({ context, resource, operation }: Permission): string {
  if (context === 'mqtt') return topicSentences[operation](resource === '#' ? t`all topics` : resource)
  if (context === 'edge') return requestSentences[operation](resource === '/#' ? t`all upstreams` : resource)
  return pathSentences[operation](resource === '/#' ? t`everything in the console` : resource)
}

const topicSentences: Record<Operation, (topic: string) => string> = {
  read: (topic) => t`May subscribe to ${topic}`,
  write: (topic) => t`May publish to ${topic}`,
  readWrite: (topic) => t`May publish and subscribe to ${topic}`,
}

const pathSentences: Record<Operation, (path: string) => string> = {
  read: (path) => t`May read ${path}`,
  write: (path) => t`May change ${path}`,
  readWrite: (path) => t`May read and change ${path}`,
}

const requestSentences: Record<Operation, (path: string) => string> = {
  read: (path) => t`May read ${path} through the edge`,
  write: (path) => t`May send to ${path} through the edge`,
  readWrite: (path) => t`May read and send to ${path} through the edge`,
}

interface Copied {
  from: string
  copied: number
  already: number
  tooMuch: number
}

/** "3 copied from line-3-reader. 1 already existed." */
export function copiedWords({ from, copied, already, tooMuch }: Copied): string {
  const parts = [
    copied === 0
      ? t`Nothing copied from ${from}.`
      : plural(copied, { one: `# copied from ${from}.`, other: `# copied from ${from}.` }),
    already > 0 && plural(already, { one: '# already existed.', other: '# already existed.' }),
    tooMuch > 0 &&
      plural(tooMuch, {
        one: '# left out because you do not hold it yourself.',
        other: '# left out because you do not hold them yourself.',
      }),
  ]
  return parts.filter(Boolean).join(' ')
}
