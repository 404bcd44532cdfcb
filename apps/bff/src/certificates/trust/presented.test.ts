import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { expect, test } from 'vitest'
import { CommonNames, chainKey } from './presented.ts'

const authority = makeAuthority({ subject: 'Plant CA' })
const der = (subject: string) =>
  Buffer.from(issue(authority, { subject }).certificatePem.split('\n').slice(1, -2).join(''), 'base64')
const [press, lathe] = [der('press'), der('lathe')]

test('reads the same name from the same bytes, in whatever chain they are presented', () => {
  const names = new CommonNames()
  for (let shown = 0; shown < 2; shown++) {
    expect(names.of([Buffer.from(press)])).toEqual({ ok: true, commonName: 'press' })
    expect(names.of([lathe, press])).toEqual({ ok: true, commonName: 'lathe' })
    expect(names.of([lathe])).toEqual({ ok: true, commonName: 'lathe' })
    expect(names.of([Buffer.from('rubbish')]).ok).toBe(false)
    expect(names.of([])).toEqual({ ok: false, reason: 'no_common_name' })
  }
})

test('gives another key when any certificate of the chain or a boundary between two differs', () => {
  const chains = [[press], [lathe], [press, lathe], [lathe, press], [Buffer.concat([press, lathe])]]
  expect(new Set(chains.map(chainKey)).size).toBe(chains.length)
  expect(chainKey([Buffer.from(press)])).toBe(chainKey([press]))
})
