// Compares the hashes with those of the openssl command line.
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { makeAuthority, type SubjectAttribute } from '../testing/certificates.ts'
import { DerError } from './der.ts'
import { oldSubjectHash, subjectHash } from './subject-hash.ts'

const cn = (value: string, encoding: SubjectAttribute['encoding'] = 'utf8'): SubjectAttribute => ({
  type: 'CN',
  value,
  encoding,
})
const subjects: Record<string, string | SubjectAttribute[][]> = {
  'a Common Name': 'Plant CA',
  'upper case and repeated spaces': '  Plant   CA\t1 ',
  'letters outside ASCII, whose case counts': 'Größe ÄÖÜ İı Σς',
  'a printable string': [[cn('Plant CA', 'printable')]],
  'a teletex string': [[{ ...cn('', 'teletex'), value: Buffer.from('Grö\u00dfe', 'latin1') }]],
  'a BMP string': [[cn('Plant CA', 'bmp')]],
  'a universal string': [[cn('Plant CA', 'universal')]],
  'an IA5 string': [[{ type: '1.2.840.113549.1.9.1', value: 'CA@Plant.Example', encoding: 'ia5' }]],
  'several relative names': [
    [{ type: 'C', value: 'DE', encoding: 'printable' }],
    [{ type: 'O', value: 'Plant' }],
    [cn('CA')],
  ],
  'a relative name with several attributes': [[cn('zeta'), { type: 'OU', value: 'Alpha' }, { type: 'O', value: 'X' }]],
  'a name of more than 127 bytes': 'a'.repeat(200),
  'an empty name': [],
}

it.each(Object.entries(subjects))('hashes the subject as openssl does: %s', (_what, subject) => {
  const { der, certificatePem } = makeAuthority({ subject })
  expect([subjectHash(der), oldSubjectHash(der)]).toEqual(hashesOfOpenssl(certificatePem))
})

it('gives names that differ in case, spaces and string type the same hash', () => {
  const [one, other] = [makeAuthority({ subject: 'plant ca' }), makeAuthority({ subject: [[cn(' PLANT  CA', 'bmp')]] })]
  expect(subjectHash(one.der)).toBe(subjectHash(other.der))
})

it('throws for bytes that are no certificate', () => {
  expect(() => subjectHash(Buffer.from('no certificate'))).toThrow(DerError)
  expect(() => oldSubjectHash(new Uint8Array())).toThrow(DerError)
})

function hashesOfOpenssl(pem: string): string[] {
  const { stdout } = spawnSync('openssl', ['x509', '-noout', '-subject_hash', '-subject_hash_old'], { input: pem })
  return stdout.toString().trim().split('\n')
}
