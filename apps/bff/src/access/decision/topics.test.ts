import type { Permission } from '@gatehouse/contract/access/permission'
import { describe, expect, test } from 'vitest'
import { compileRights } from './topics.ts'

function access(...permissions: [Permission['operation'], string][]) {
  return compileRights({
    mqttPermissions: permissions.map(([operation, resource]) => ({ context: 'mqtt', operation, resource })),
    mqttPublishPrefix: null,
  })
}

describe('may', () => {
  test.each<[string, ReturnType<typeof access>, 'read' | 'write', string, boolean]>([
    ['a topic inside', access(['read', 'line-3/#']), 'read', 'line-3/a', true],
    ['the root of a filter', access(['read', 'line-3/#']), 'read', 'line-3', true],
    ['a filter inside', access(['read', 'line-3/#']), 'read', 'line-3/+/x', true],
    ['a filter that is wider', access(['read', 'line-3/+']), 'read', 'line-3/#', false],
    ['another topic', access(['read', 'line-3/#']), 'read', 'line-4/a', false],
    ['reading is not writing', access(['read', '#']), 'write', 'a', false],
    ['writing is not reading', access(['write', '#']), 'read', 'a', false],
    ['both', access(['readWrite', 'a']), 'write', 'a', true],
    ['# leaves $SYS out', access(['readWrite', '#']), 'read', '$SYS/#', false],
    ['# leaves every $ out', access(['readWrite', '#']), 'write', '$internal/x', false],
    ['+ leaves $SYS out', access(['read', '+/#']), 'read', '$SYS/x', false],
    ['$SYS by name', access(['read', '$SYS/#']), 'read', '$SYS/broker/x', true],
    ['$SYS is never written', access(['readWrite', '$SYS/#']), 'write', '$SYS/x/new/clients', false],
    ['nor its root', access(['readWrite', '$SYS/#']), 'write', '$SYS', false],
    ['another $ by name', access(['write', '$internal/#']), 'write', '$internal/x', true],
    ['a shared subscription', access(['read', '#'], ['read', '$share/#']), 'read', '$share/g/a', false],
    ['an empty topic', access(['readWrite', '#']), 'write', '', false],
    ['a topic with a wildcard', access(['write', '#']), 'write', 'a/+', false],
    ['a broken filter', access(['read', '#']), 'read', 'a+', false],
    ['a broken filter, #', access(['read', '#']), 'read', '#/a', false],
    ['NUL', access(['write', '#']), 'write', 'a\0b', false],
    ['nothing held', access(), 'read', 'a', false],
  ])('%s', (_name, held, operation, resource, expected) => {
    expect(held.may(operation, resource)).toBe(expected)
    expect(held.may(operation, resource)).toBe(expected) // from memory
  })

  test('http permissions say nothing about topics', () => {
    const held = compileRights({
      mqttPermissions: [{ context: 'http', operation: 'readWrite', resource: '/#' }],
      mqttPublishPrefix: null,
    })
    expect(held.may('read', '/a')).toBe(false)
  })

  test('the memory of topics is bounded and stays right', () => {
    const held = access(['read', 'a/#'])
    for (let at = 0; at < 2_000; at++) {
      expect(held.may('read', `a/${at}`)).toBe(true)
      expect(held.may('read', `b/${at}`)).toBe(false)
    }
  })
})
