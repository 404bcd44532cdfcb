import type { Listener } from '@gatehouse/contract/brokers/broker'
import { expect, test } from 'vitest'
import { readableTopic } from '../../access/permissions/readable-topic.ts'
import { certificateCommands, endpointOf, subscribeCommand } from './certificate-commands.ts'

const live = (...listeners: Listener[]) => ({ listeners, publicHost: null })

test('the username is the Common Name and names the files', () => {
  const lines = certificateCommands('device001').map(({ line }) => line)
  expect(lines).toEqual([
    'openssl genrsa -out device001.key 2048',
    'openssl req -new -key device001.key -subj "/CN=device001" -out device001.csr',
    'openssl x509 -req -in device001.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -out device001.crt',
  ])
})

test('uses a topic that the user may subscribe to', () => {
  const topic = readableTopic([
    { context: 'http', resource: '/api/users/#', operation: 'read' },
    { context: 'mqtt', resource: 'line-3/temp', operation: 'write' },
    { context: 'mqtt', resource: 'two\nlines', operation: 'read' },
    { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' },
  ])
  expect(topic).toBe('line-3/#')
  expect(subscribeCommand('device001', { host: 'plant.example', port: 8883 }, 'line-3/#').line).toBe(
    "mosquitto_sub -h plant.example -p 8883 --cafile authority.crt --cert device001.crt --key device001.key -t 'line-3/#' -v",
  )
})

test('prefers the public host, then the address of the TLS listener, then the host of the page', () => {
  const clientCertificate = 'accepted' as const
  const plain = {
    name: 'mqtt',
    purpose: 'mqtt' as const,
    address: '127.0.0.1',
    port: 1883,
    tls: false,
    clientCertificate,
  }
  const secure = {
    name: 'mqtts',
    purpose: 'mqtt' as const,
    address: '0.0.0.0',
    port: 8884,
    tls: true,
    clientCertificate,
  }
  expect(endpointOf(live(plain, secure), 'gate.example')).toEqual({ host: 'gate.example', port: 8884 })
  expect(endpointOf(live({ ...secure, address: '::' }), '[::1]')).toEqual({ host: '::1', port: 8884 })
  expect(endpointOf(live({ ...secure, address: '192.0.2.7' }), 'gate.example').host).toBe('192.0.2.7')
  expect(endpointOf(undefined, 'gate.example')).toEqual({ host: 'gate.example', port: 8883 })
  expect(endpointOf(undefined, '[::1]').host).toBe('::1')
  // Behind a proxy the broker listens on loopback, which is nothing for a device.
  const known = { listeners: [{ ...secure, address: '127.0.0.1' }], publicHost: 'plant.example' }
  expect(endpointOf(known, 'localhost')).toEqual({ host: 'plant.example', port: 8884 })
  expect(endpointOf({ ...known, listeners: [] }, 'localhost')).toEqual({ host: 'plant.example', port: 8883 })
})
