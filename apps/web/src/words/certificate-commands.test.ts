import { expect, test } from 'vitest'
import { certificateCommands, readableTopic, subscribeCommand } from './certificate-commands.ts'

test('the username is the Common Name and names the files', () => {
  const lines = certificateCommands('device001').map(({ line }) => line)
  expect(lines).toEqual([
    'openssl genrsa -out device001.key 2048',
    'openssl req -new -key device001.key -subj "/CN=device001" -out device001.csr',
    'openssl x509 -req -in device001.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -out device001.crt',
  ])
})

test('what it may subscribe to is tried', () => {
  const topic = readableTopic([
    { context: 'http', resource: '/api/users/#', operation: 'read' },
    { context: 'mqtt', resource: 'line-3/temp', operation: 'write' },
    { context: 'mqtt', resource: "it's/#", operation: 'read' },
    { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' },
  ])
  expect(topic).toBe('line-3/#')
  expect(subscribeCommand('device001', { host: 'plant.example', port: 8883 }, 'line-3/#').line).toBe(
    "mosquitto_sub -h plant.example -p 8883 --cafile authority.crt --cert device001.crt --key device001.key -t 'line-3/#' -v",
  )
})
