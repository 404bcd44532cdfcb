import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import { expect, it } from 'vitest'
import { blank, toCreate, toUpdate, toValues } from './upstream-values.ts'

const stored: Upstream = {
  id: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b90',
  name: 'telemetry',
  kind: 'generic',
  origin: 'https://backend.example',
  authorities: 'PEM',
  authentication: 'basic',
  username: 'edge',
  hasSecret: true,
  connectTimeoutMs: 5_000,
  responseTimeoutMs: 60_000,
  idleTimeoutMs: 120_000,
  maxRequestBytes: null,
  identityAttribute: null,
  createdAt: '2026-11-01T10:00:00.000Z',
  version: 1,
}

it('sends seconds as milliseconds, MiB as bytes, and the address without a slash at its end', () => {
  expect(
    toCreate({ ...blank, name: ' telemetry ', origin: 'http://127.0.0.1:8080/', idleTimeoutMs: 1.5 }),
  ).toMatchObject({
    name: 'telemetry',
    origin: 'http://127.0.0.1:8080',
    idleTimeoutMs: 1_500,
    maxRequestBytes: 67_108_864,
    secret: null,
  })
})

it('keeps the stored secret unless another one is given', () => {
  const values = toValues(stored)
  expect(toUpdate(values)).not.toHaveProperty('secret')
  expect(toUpdate({ ...values, secret: 'sesame' })).toMatchObject({ secret: 'sesame' })
  expect(toUpdate({ ...values, authentication: 'none' })).toMatchObject({ secret: null, username: null })
})

it('sends no CA for plain HTTP, which has no certificate', () => {
  expect(toUpdate({ ...toValues(stored), origin: 'http://backend.example' })).toMatchObject({ authorities: null })
})
