import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { makeDecisionUser, trustedVerdict } from '../../../test/decision-facts.ts'
import { compileRights } from '../../access/decision/topics.ts'
import { EdgeConnection } from './edge-connection.ts'
import { EdgeConnections } from './edge-connections.ts'

const user = makeDecisionUser({ grants: [{ method: 'certificate', isRequired: false }] })

it('reviews a device once when a path of its certificate has ended and another one is trusted', async () => {
  let reads = 0
  const parts = {
    clock: { now: () => new Date('2027-01-01') },
    store: {
      findUsersById: async () => {
        reads++
        return new Map([[user.id, user]])
      },
    },
    trust: { judge: () => trustedVerdict, ceilings: new Map() },
    decisions: {},
  }
  const devices = new EdgeConnections(parts as never)
  const listener = { id: 'l', name: 'edge', clientCertificate: 'required', identity: 'certificate', trusted: null }
  const connection = {
    id: 'c1',
    clientId: 'edge',
    userId: user.id,
    credentials: {
      listener,
      presented: [new Uint8Array(1)],
      commonName: { ok: true, commonName: user.username },
      username: null,
      password: { state: 'none' },
      at: new Date('2026-01-01'),
    },
    rights: compileRights(user),
    validUntil: new Date('2026-12-31'),
  }
  const sockets = { socket: new PassThrough(), tcp: new Socket() }
  devices.add(new EdgeConnection(sockets, connection as never))
  await devices.endExpired()
  expect(connection.validUntil).toEqual(trustedVerdict.validUntil)
  await devices.endExpired()
  expect([reads, devices.all().length]).toEqual([1, 1])
})
