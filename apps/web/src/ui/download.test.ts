import { expect, test } from 'vitest'
import { fileNameFrom } from './download.ts'

test.each([
  ['Acme Plant CA', 'Acme-Plant-CA.pem'],
  ['../../etc/passwd', 'etc-passwd.pem'],
  ['Zürich: Werk 3', 'Zurich-Werk-3.pem'],
  ['工場', 'file.pem'],
  ['...', 'file.pem'],
  ['con', 'file-con.pem'],
  ['COM1.x', 'file-COM1.x.pem'],
  ['console', 'console.pem'],
  ['a'.repeat(200), `${'a'.repeat(80)}.pem`],
])('%s', (name, fileName) => expect(fileNameFrom(name, 'pem')).toBe(fileName))
