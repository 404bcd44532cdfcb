import { expect, test } from 'vitest'
import { normalDn } from './dn.ts'

test.each([
  ['cn=admins,ou=groups,dc=lab,dc=test', 'CN=Admins, OU=Groups ,DC=lab, dc = test'],
  ['cn=Doe\\, Jane,dc=lab', 'cn=doe\\2c jane,dc=lab'],
  ['cn=Doe\\, Jane,dc=lab', 'cn="Doe, Jane" , dc=lab'],
  ['cn=Ärzte,dc=lab', 'cn=\\c3\\a4rzte,dc=lab'],
  ['cn=a+uid=b,dc=lab', 'UID=B + CN=A,dc=lab'],
  ['cn=two  words,dc=lab', 'cn=two words,dc=lab'],
])('takes %s and %s as the same name', (one, other) => {
  expect(normalDn(one)).toBe(normalDn(other))
  expect(normalDn(one)).not.toBeNull()
})

test.each([
  ['cn=a,dc=lab', 'cn=a\\,dc=lab'],
  ['cn=a,dc=lab', 'cn=a,ou=x,dc=lab'],
  ['cn=a\\+b,dc=lab', 'cn=a+uid=b,dc=lab'],
  ['cn=\\"a\\",dc=lab', 'cn=a,dc=lab'],
])('takes %s and %s as different names', (one, other) => {
  expect(normalDn(one)).not.toBe(normalDn(other))
})

test.each(['', 'admins', 'cn=a,', '=a', 'cn="a', 'cn="a"b,dc=lab', 'cn=a\\', 'cn=a,,dc=lab'])(
  'does not take %j as a name',
  (text) => {
    expect(normalDn(text)).toBeNull()
  },
)
