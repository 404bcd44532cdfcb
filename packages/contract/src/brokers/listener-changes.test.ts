import { expect, it } from 'vitest'
import { needsNewConnections } from './listener-changes.ts'

const settings = {
  purpose: 'mqtt' as const,
  tls: true,
  minimumTlsVersion: '1.2' as const,
  proxyProtocol: { versions: 'off' as const, from: [] },
  allowedOrigins: [],
  upstream: null,
}

it('ends connections if a higher TLS version is required, and not if a lower one is', () => {
  const higher = { ...settings, minimumTlsVersion: '1.3' as const }
  expect(needsNewConnections(settings, higher)).toBe(true)
  expect(needsNewConnections(higher, settings)).toBe(false)
})

it('ends connections if an origin is no longer allowed, and not if one is added', () => {
  const more = { ...settings, allowedOrigins: ['https://plant.example'] }
  expect(needsNewConnections(more, settings)).toBe(true)
  expect(needsNewConnections(settings, more)).toBe(false)
})

it('keeps connections if nothing changes', () => {
  expect(needsNewConnections(settings, structuredClone(settings))).toBe(false)
})
