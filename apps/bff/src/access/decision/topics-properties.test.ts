/** The decisions about topics agree with the slow model. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { array, assert, constant, constantFrom, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayPublishSlowly, mayReceiveSlowly, maySubscribeSlowly } from '../../../test/decision-model.ts'
import { compileRights, judgeDelivery, judgePublish, judgeSubscribe } from './topics.ts'

const numRuns = 1_000

describe('topics', () => {
  const levels = ['a', 'b', '', '$SYS', '$share', 'z']
  const filter = array(constantFrom(...levels.slice(0, 5), '+', '+', '#'), { minLength: 1, maxLength: 3 }).map(topicOf)
  const topic = array(constantFrom(...levels, '+', '#'), { minLength: 1, maxLength: 4 }).map(topicOf)
  const delivered = array(constantFrom(...levels), { minLength: 1, maxLength: 4 })
    .map(topicOf)
    .filter((text) => text !== '')
  const permissions = array(
    record<Permission>({
      context: constant('mqtt'),
      resource: filter.filter(isFilter),
      operation: constantFrom('read', 'write', 'readWrite'),
    }),
    { maxLength: 3 },
  )
  // Without the empty topic, which does not exist. One level more than any permission has.
  const everyTopic = levelsOf(levels, 4).filter((each) => each !== '')

  test('are published to as the slow model says', () => {
    assert(
      property(permissions, topic, (held, published) => {
        const rights = compileRights({ mqttPermissions: held, mqttPublishPrefix: null })
        expect(judgePublish(rights, published).isAllowed).toBe(mayPublishSlowly(held, published))
      }),
      { numRuns },
    )
  })

  test('are received as the slow model says', () => {
    assert(
      property(permissions, delivered, (held, received) => {
        const rights = compileRights({ mqttPermissions: held, mqttPublishPrefix: null })
        expect(judgeDelivery(rights, received)).toBe(mayReceiveSlowly(held, received))
      }),
      { numRuns },
    )
  })

  test('are subscribed to only when one permission covers every topic that the filter matches', () => {
    assert(
      property(permissions, filter, (held, subscribed) => {
        const rights = compileRights({ mqttPermissions: held, mqttPublishPrefix: null })
        expect(judgeSubscribe(rights, subscribed)).toBe(maySubscribeSlowly(held, subscribed, everyTopic))
      }),
      { numRuns },
    )
  })

  test('are published to with the prefix', () => {
    assert(
      property(permissions, topic, constantFrom('', 'a/', 'b', '$SYS/'), (held, wanted, prefix) => {
        const rights = compileRights({ mqttPermissions: held, mqttPublishPrefix: prefix })
        const isAllowed = mayPublishSlowly(held, prefix + wanted)
        expect(judgePublish(rights, wanted)).toEqual({ isAllowed, topic: prefix + wanted })
      }),
    )
  })
})

function topicOf(parts: readonly string[]): string {
  return parts.join('/')
}

function isFilter(text: string): boolean {
  const parts = text.split('/')
  return text !== '' && parts.every((part, at) => part !== '#' || at === parts.length - 1)
}

function levelsOf(levels: readonly string[], depth: number): string[] {
  if (depth === 1) return [...levels]
  const shorter = levelsOf(levels, depth - 1)
  return [...new Set([...shorter, ...shorter.flatMap((topic) => levels.map((level) => `${topic}/${level}`))])]
}
