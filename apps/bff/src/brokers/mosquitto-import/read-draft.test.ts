/** Which files are read, and how bad ones are left out. */
import { characterAt, characterCount } from '@gatehouse/pki/testing/characters'
import { array, assert, asyncProperty, constantFrom, nat, oneof, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acl, found, hash, passwords, rightsOf } from '../../../test/mosquitto-drafts.ts'
import { readDraft } from './read-draft.ts'
import type { GivenFile } from './source-lines.ts'

const conf = (...lines: string[]): GivenFile => ({ path: 'mosquitto.conf', text: lines.join('\n') })

describe('a password_file', () => {
  it('lists each line without a usable hash, and never a hash or a password', async () => {
    const text = [
      `good:${hash}`,
      '# comment',
      'plain:secret-word',
      'no-colon',
      `:${hash}`,
      `good:${hash}`,
      'broken:$7$101$x$y',
      `slow:${hash.replace('$101$', '$1000000$')}`,
      '',
    ].join('\r\n')
    const draft = await readDraft([{ path: 'passwd', text }])
    expect([...draft.users.keys()]).toEqual(['good'])
    expect(found(draft)).toEqual([
      'passwd:3 not_hashed 1',
      'passwd:4 line_invalid 0',
      'passwd:5 line_invalid 0',
      'passwd:6 username_twice 0',
      'passwd:7 malformed_hash 1',
      'passwd:8 too_many_iterations 1',
    ])
    expect(JSON.stringify(draft.findings.list())).not.toMatch(/secret-word|\$7\$/)
  })

  it('with a NUL is not read', async () => {
    const draft = await readDraft([{ path: 'passwd', text: `good:${hash}\n\0` }])
    expect([draft.users.size, found(draft, 'file_binary')]).toEqual([0, ['passwd:null file_binary 0']])
  })

  it('with a line of 64 kB loses that line only', async () => {
    const draft = await readDraft([
      { path: 'passwd', text: `good:${hash}\n${'x'.repeat(65_536)}:${hash}\nalso:${hash}\n` },
    ])
    expect([...draft.users.keys()]).toEqual(['good', 'also'])
    expect(found(draft)).toEqual(['passwd:2 line_too_long 0'])
  })

  it('with 1,000,000 lines is read to its last one', async () => {
    const text = `first:${hash}\r\n${'# comment\r\n'.repeat(1_000_000)}last:${hash}\r\n`
    expect([...(await readDraft([{ path: 'passwd', text }])).users.keys()]).toEqual(['first', 'last'])
  })

  it('with more users than an import may have is refused without reading on', async () => {
    const text = Array.from({ length: 100_000 }, (_, n) => `user-${n}:${hash}`).join('\n')
    await expect(readDraft([{ path: 'passwd', text }])).rejects.toMatchObject({ code: 'import_too_large' })
  })
})

describe('a mosquitto.conf', () => {
  it('names the files by paths of its own machine, also in an included folder', async () => {
    const draft = await readDraft([
      conf('include_dir /etc/mosquitto/conf.d'),
      { path: 'conf.d/local.conf', text: 'password_file /etc/mosquitto/users\nacl_file /etc/mosquitto/rules\n' },
      { path: 'users', text: `press-01:${hash}\n` },
      { path: 'rules', text: 'user press-01\ntopic read a\n' },
      { path: 'old/users', text: `press-02:${hash}\n` },
    ])
    expect([...draft.users.keys()]).toEqual(['press-01'])
    expect(rightsOf(draft, 'press-01')).toEqual(['r a'])
    expect(found(draft, 'file_not_recognised')).toEqual(['old/users:null file_not_recognised 0'])
  })

  it('says what it cannot import', async () => {
    const draft = await readDraft([
      conf(
        'allow_anonymous true',
        'psk_file /x',
        'connection up',
        'auth_plugin /opt/go-auth.so',
        'password_file /gone',
      ),
    ])
    expect(found(draft)).toEqual([
      'mosquitto.conf:1 anonymous_access 0',
      'mosquitto.conf:2 setting_not_supported 0',
      'mosquitto.conf:4 setting_not_supported 0',
      'mosquitto.conf:5 file_missing 0',
      'mosquitto.conf:3 bridge 0',
    ])
  })

  it('without an acl_file gives all topics, and says so', async () => {
    const draft = await readDraft([conf('password_file passwd'), passwords('press-01')])
    expect(rightsOf(draft, 'press-01')).toEqual(['rw #'])
    expect(found(draft)).toEqual(['passwd:null no_acl_file 0'])
  })

  it('whose acl_file was not given gives nothing', async () => {
    const draft = await readDraft([conf('password_file passwd', 'acl_file gone'), passwords('press-01')])
    expect(rightsOf(draft, 'press-01')).toEqual([])
    expect(found(draft, 'file_missing')).toEqual(['mosquitto.conf:2 file_missing 0'])
  })

  it('with users by listener keeps each to its own acl_file', async () => {
    const draft = await readDraft([
      conf(
        'per_listener_settings true',
        'listener 1883',
        'password_file one.passwd',
        'acl_file one.acl',
        'listener 8883',
        'password_file two.passwd',
        'acl_file two.acl',
      ),
      { path: 'one.passwd', text: `first:${hash}\nboth:${hash}\n` },
      { path: 'one.acl', text: 'pattern read one\n' },
      { path: 'two.passwd', text: `second:${hash}\nboth:${hash}\n` },
      { path: 'two.acl', text: 'pattern read two\n' },
    ])
    expect(['first', 'second', 'both'].map((name) => rightsOf(draft, name))).toEqual([['r one'], ['r two'], ['r one']])
    expect(found(draft, 'username_twice')).toEqual(['two.passwd:2 username_twice 1'])
  })

  it('that takes usernames from certificates gives the certificate grant', async () => {
    const draft = await readDraft([
      conf(
        'listener 8883',
        'cafile ca.crt',
        'require_certificate true',
        'use_identity_as_username true',
        'acl_file acl',
      ),
      acl('user press-01', 'topic read a'),
      { path: 'ca.crt', text: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      { path: 'server.key', text: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' },
    ])
    expect(draft.users.get('press-01')).toMatchObject({ hasCertificateGrant: true, hash: null })
    expect(draft.authorities.map(({ file }) => file)).toEqual(['ca.crt'])
    expect(found(draft, 'private_key_left_out')).toEqual(['server.key:null private_key_left_out 0'])
  })
})

describe('any text', () => {
  const words = constantFrom(
    'user',
    'topic',
    'pattern',
    'read',
    'deny',
    'a/#',
    '+/b',
    '%u',
    '%c',
    '$SYS',
    ' ',
    '\n',
    '\r',
    ':',
    hash,
    '{',
    '"clients":',
    '#',
  )
  const text = oneof(
    string({ unit: nat(characterCount - 1).map(characterAt) }),
    array(words, { maxLength: 40 }).map((all) => all.join(' ')),
  )
  const path = constantFrom('mosquitto.conf', 'acl', 'passwd', 'd.json', 'x/ca.crt')

  it('is read without an error, and gives no right that a single filter does not name', async () => {
    const given = array(record({ path, text }), { minLength: 1, maxLength: 4 })
    await assert(
      asyncProperty(given, async (files) => {
        const draft = await readDraft(files)
        for (const { permissions } of draft.roles.values())
          expect(permissions.every(({ context }) => context === 'mqtt')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
