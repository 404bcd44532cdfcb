import { ListenerCreate } from '@gatehouse/contract/brokers/listeners'
import { expect, it } from 'vitest'
import { blank, toBody } from './listener-values.ts'

const named = { ...blank, name: ' Hall north ' }
const pair = { certificate: 'a certificate', key: 'a key' }

it('trusts the chosen CAs only, and none if none is chosen', () => {
  const chosen = { ...named, trusts: 'chosen' as const }
  expect(toBody(chosen, { keepsOwn: false })).toMatchObject({ name: 'Hall north', trustedAuthorities: [] })
  expect(toBody({ ...chosen, trusts: 'all', trustedAuthorities: ['a'] }, { keepsOwn: false })).toMatchObject({
    trustedAuthorities: null,
  })
})

it('keeps the certificate of the listener if the form has no other one', () => {
  const own = { ...named, certificateFrom: 'own' as const }
  expect(toBody(own, { keepsOwn: true })).not.toHaveProperty('serverCertificate')
  expect(toBody({ ...own, serverCertificate: pair }, { keepsOwn: true }).serverCertificate).toEqual(pair)
  expect(toBody(named, { keepsOwn: true }).serverCertificate).toBeNull()
})

it('requires a new certificate where there is none to keep', () => {
  const body = toBody({ ...named, certificateFrom: 'own' }, { keepsOwn: false })
  expect(ListenerCreate.safeParse(body).success).toBe(false)
})

it('sends nothing about certificates that has no meaning without TLS', () => {
  const plain = { ...named, tls: false, identity: 'password' as const, certificateFrom: 'own' as const }
  expect(toBody(plain, { keepsOwn: true })).toMatchObject({ identity: 'certificate', serverCertificate: null })
})
