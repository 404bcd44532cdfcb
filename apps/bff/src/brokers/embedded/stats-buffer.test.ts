import { expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { StatsBuffer } from './stats-buffer.ts'

const megabyte = new Uint8Array(1024 * 1024)

function signIn(buffer: StatsBuffer, leafFingerprint: string, presented: readonly Uint8Array[]): void {
  const certificate = { fingerprint: leafFingerprint, authority: 'ca' }
  const client = { userId: 'id', username: 'press-7', credentials: { presented }, certificate, issuerKey: 'key' }
  buffer.signedIn(client as unknown as Connection, new Date(0))
}

test('keeps certificates of at most 32 MiB, and takes more after they were reported', () => {
  const buffer = new StatsBuffer()
  for (let at = 0; at < 40; at++) signIn(buffer, `leaf ${at}`, [megabyte])
  expect(buffer.takeCertificates()).toHaveLength(32)
  signIn(buffer, 'later', [megabyte])
  expect(buffer.takeCertificates()).toHaveLength(1)
})

test('counts the bytes of a certificate once, with its latest chain', () => {
  const buffer = new StatsBuffer()
  for (let at = 0; at < 40; at++) signIn(buffer, 'leaf', [megabyte])
  signIn(
    buffer,
    'leaf',
    Array.from({ length: 33 }, () => megabyte),
  )
  expect(buffer.takeCertificates().map(({ presented }) => presented.length)).toEqual([1])
})
