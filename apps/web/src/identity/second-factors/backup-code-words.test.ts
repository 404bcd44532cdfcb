import { expect, test } from 'vitest'
import { backupCodeCount, backupCodesFileName, backupCodesText } from './backup-code-words.ts'

test('the file says what it is for, and ends with a line break', () => {
  expect(backupCodesText('ada', ['AAAA-BBBB-CCCCC', 'DDDD-EEEE-FFFFF'])).toBe(
    'Gatehouse backup codes for ada\nEach code works once, instead of a code from the authenticator app.\n\nAAAA-BBBB-CCCCC\nDDDD-EEEE-FFFFF\n',
  )
})

test.each([
  ['ada', 'gatehouse-backup-codes-ada.txt'],
  ['ada.l@works', 'gatehouse-backup-codes-ada.l@works.txt'],
  ['plant:ada', 'gatehouse-backup-codes-plant-ada.txt'],
])('the file of %s', (username, name) => expect(backupCodesFileName(username)).toBe(name))

test.each([
  [10, '10 backup codes are left.'],
  [1, '1 backup code is left.'],
  [0, 'No backup codes left.'],
])('%i left', (left, words) => expect(backupCodeCount(left)).toBe(words))
