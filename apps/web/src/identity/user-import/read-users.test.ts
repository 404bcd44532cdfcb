import { describe, expect, it } from 'vitest'
import { readTable, readText } from './read-table.ts'
import { type KnownRoles, readUsers } from './read-users.ts'

const roles: KnownRoles = {
  byName: new Map([
    ['line-3 reader', { id: '0190a000-0000-7000-8000-000000000001' }],
    ['packing', { id: '0190a000-0000-7000-8000-000000000002' }],
    ['gatehouse-admin', { id: '0190a000-0000-7000-8000-000000000003' }],
  ]),
  tooMuch: new Set(['gatehouse-admin']),
}

const read = async (text: string) => readUsers(await readTable(text), roles)

describe('users are read', () => {
  it('with all columns, in any order and however these are called', async () => {
    const { rows, ignored } = await read(
      'Roles;DISPLAY_NAME;username;kind;Grant types;publish-prefix;Password;createdAt\n' +
        'packing, line-3 reader;Zoë Weber;zoe.weber;Person;password|certificate (required);a/;"a long ""secret"" ";2026\n',
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ line: 2, username: 'zoe.weber', problems: [] })
    expect(rows[0]?.user).toEqual({
      username: 'zoe.weber',
      displayName: 'Zoë Weber',
      kind: 'person',
      grantTypes: [
        { method: 'password', isRequired: false },
        { method: 'certificate', isRequired: true },
      ],
      roles: ['0190a000-0000-7000-8000-000000000002', '0190a000-0000-7000-8000-000000000001'],
      mqttPublishPrefix: 'a/',
      password: 'a long "secret" ',
    })
    expect(ignored).toEqual(['createdAt'])
  })

  it('only where they are local: users of an identity provider come by signing in', async () => {
    const { rows } = await read('username,identityProvider\nlocal-1,local\nlocal-2,\nmaria,ldap:plant\n')
    expect(rows.map(({ user }) => user?.username ?? null)).toEqual(['local-1', 'local-2', null])
    expect(rows[2]?.problems).toEqual([expect.stringContaining('ldap:plant')])
  })

  it('with a name alone, and nothing made up', async () => {
    expect((await read('username\n machine-1 \n')).rows[0]?.user).toEqual({ username: 'machine-1' })
  })

  it('as they were exported: the shield before a formula is none of the text', async () => {
    const { rows } = await read(`username,displayName,mqttPublishPrefix\nsly,"'=1+1",'@line/\nhooft,'t Hooft,\n`)
    expect(rows.map(({ user }) => user)).toEqual([
      { username: 'sly', displayName: '=1+1', mqttPublishPrefix: '@line/' },
      { username: 'hooft', displayName: "'t Hooft" },
    ])
  })
})

describe('cells beyond the header', () => {
  it('are ignored where they are empty', async () => {
    const { rows } = await read('username,displayName\r\npress-2,Press two,,\r\npress-3,Press three,\r\n')
    expect(rows.map(({ user, problems }) => [user, problems])).toEqual([
      [{ username: 'press-2', displayName: 'Press two' }, []],
      [{ username: 'press-3', displayName: 'Press three' }, []],
    ])
  })

  it('refuse the line where one of them has something', async () => {
    const { rows } = await read('username,displayName\npress-2,Press two,,lost,\n')
    expect(rows[0]).toMatchObject({ user: null })
    expect(rows[0]?.problems).toEqual([expect.stringContaining('4 cells, but 2 columns')])
  })
})

describe('reports errors by their line', () => {
  it.each([
    ['a b,,,', 'Username: Use letters, digits'],
    ['ab,,,', 'Username: Too short.'],
    [',x,,', 'Username: Required.'],
    ['robot-1,,robot,', 'Kind: Invalid value.'],
    ['robot-1,,,kerberos', 'Grant types: “kerberos” is not password'],
    ['robot-1,,,password|password', 'Grant types: Already exists.'],
    ['robot-1,,,password,more', '5 cells, but 4 columns'],
  ])('%s', async (line, problem) => {
    const { rows } = await read(`username,displayName,kind,grantTypes\nfirst-one,,,\n${line}\n`)
    expect(rows[0]?.problems).toEqual([])
    expect(rows[1]).toMatchObject({ line: 3, user: null })
    expect(rows[1]?.problems.join(' ')).toContain(problem)
  })

  it('roles that there are not, and those that go too far', async () => {
    const { rows } = await read('username,roles\nrobot-1,Packing|gatehouse-admin\n')
    expect(rows[0]?.problems).toEqual([
      'Roles: there is no role “Packing”.',
      'Roles: “gatehouse-admin” exceeds your own permissions.',
    ])
  })

  it('a name twice, whatever its case; the first one stays', async () => {
    const { rows } = await read('username\nrobot-1\nrobot-2\nROBOT-1\n')
    expect(rows.map(({ user }) => user !== null)).toEqual([true, true, false])
    expect(rows[2]?.problems).toEqual(['Username: already on line 2.'])
  })

  it('five of ten thousand and a name twice, in a file with all that a spreadsheet does to one', async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => {
      const username = at % 2_000 === 7 ? `bad name ${at}` : at === 9_000 ? 'MACHINE-5' : `machine-${at}`
      return `"${username}";"Press ""${at}""; line 3";certificate|token;"packing;line-3 reader"`
    })
    const text = `username;displayName;grantTypes;roles\r\n${lines.join('\r\n')}\r\n`
    const file = new Blob([new Uint8Array([0xef, 0xbb, 0xbf]), text])
    const { rows, ignored } = await read(await readText(file))
    expect([rows.length, ignored]).toEqual([10_000, []])
    const wrong = rows.filter(({ user }) => user === null)
    expect(wrong.map(({ line }) => line)).toEqual([9, 2_009, 4_009, 6_009, 8_009, 9_002])
    expect(wrong.at(-1)?.problems).toEqual(['Username: already on line 7.'])
    expect(rows.at(-1)).toMatchObject({ line: 10_001, problems: [] })
    expect(rows.at(-1)?.user).toEqual({
      username: 'machine-9999',
      displayName: 'Press "9999"; line 3',
      grantTypes: [
        { method: 'certificate', isRequired: false },
        { method: 'token', isRequired: false },
      ],
      roles: [roles.byName.get('packing')?.id, roles.byName.get('line-3 reader')?.id],
    })
  })

  it.each([
    ['', 'The file is empty.'],
    ['name,roles\nx,y\n', 'The column “username” is missing.'],
    ['username,Username\nx,y\n', 'The column “username” appears twice.'],
  ])('of the whole file: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })
})
