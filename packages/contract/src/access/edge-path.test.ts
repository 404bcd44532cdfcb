import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEdgePath, readEdgePath } from './edge-path.ts'

/** Resolving dots as a browser does changes nothing. */
function isResolved(path: string): boolean {
  return decodeURIComponent(new URL(path, 'http://edge').pathname) === path
}

describe('readEdgePath', () => {
  it.each([
    ['/mender/api/devices/v1/x', '/mender/api/devices/v1/x'],
    ['/m/a?x=/../b', '/m/a'],
    ['/m/a/', '/m/a/'],
    ['/', '/'],
    ['/m/%C3%A4', '/m/ä'],
    ['/m/a%20b', '/m/a b'],
    ['/m/release+1.mender', '/m/release+1.mender'],
    ['/m/...', '/m/...'],
    ['/m/.well-known/x', '/m/.well-known/x'],
  ])('reads %s', (target, path) => {
    expect(readEdgePath(target)).toBe(path)
  })

  it.each([
    '',
    '*',
    'm/a',
    'http://other/m/a',
    '//m/a',
    '/m//a',
    '/m/../a',
    '/m/./a',
    '/m/..',
    '/m/%2e%2e/a',
    '/m/.%2E/a',
    '/m/..;x=1/a',
    '/m/%2e;/a',
    '/m/a%2fb',
    '/m/a%2Fb',
    '/m/a%5cb',
    '/m/a\\b',
    '/m/%252e%252e/a',
    '/m/%00',
    '/m/%0d%0aX: 1',
    '/m/%ff',
    '/m/%',
    '/m/%zz',
    '/m/a b',
    '/m/ä',
    '/m/a#b',
  ])('refuses %j', (target) => {
    expect(readEdgePath(target)).toBeNull()
  })

  it('never returns a path that resolving dots would change', () => {
    const part = constantFrom('a', '/', '.', '%2e', '%2f', '%', '\\', ';', '%5c', '25')
    const holds = property(array(part), (parts) => {
      const path = readEdgePath(`/${parts.join('')}`)
      return path === null || isResolved(path)
    })
    expect(() => assert(holds)).not.toThrow()
  })
})

it.each([
  ['/mender/#', true],
  ['/mender/+/files', true],
  ['/#', true],
  ['mender/#', false],
  ['/mender//#', false],
  ['/mender/../#', false],
  ['/mender/a%2fb', false],
])('isEdgePath(%s) is %s', (filter, expected) => {
  expect(isEdgePath(filter)).toBe(expected)
})
