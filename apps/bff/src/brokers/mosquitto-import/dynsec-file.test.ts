/** What each construct of a `dynamic-security.json` becomes, and what is said about the ones that cannot be expressed. */
import { describe, expect, it } from 'vitest'
import { found, hash, rightsOf } from '../../../test/mosquitto-drafts.ts'
import { readDraft } from './read-draft.ts'
import type { GivenFile } from './source-lines.ts'

const acls = (...all: string[]) =>
  all.map((each) => {
    const [sign, acltype = '', topic = '', priority = '0'] = each.split(' ')
    return { acltype, topic, priority: Number(priority), allow: sign === '+' }
  })
const defaults = { publishClientSend: false, publishClientReceive: true, subscribe: false, unsubscribe: true }
const file = (json: object): GivenFile => ({
  path: 'dynsec.json',
  text: JSON.stringify({
    defaultACLAccess: defaults,
    clients: [{ username: 'dev', roles: [{ rolename: 'main' }] }],
    ...json,
  }),
})
const rights = async (...all: string[]) =>
  rightsOf(await readDraft([file({ roles: [{ rolename: 'main', acls: acls(...all) }] })]), 'dev')

describe('a dynamic-security.json', () => {
  it.each<[string, string[], string[]]>([
    ['sending', ['+ publishClientSend a/#'], ['w a/#']],
    ['a subscribed pattern', ['+ subscribePattern a/#'], ['r a/#']],
    ['a subscribed literal', ['+ subscribeLiteral a/+'], ['r a/+']],
    ['types in other case', ['+ PUBLISHCLIENTSEND a'], ['w a']],
    ['receiving alone, which subscribes to nothing', ['+ publishClientReceive a/#'], []],
    [
      'a higher denied one',
      ['+ publishClientSend a/# 0', '- publishClientSend a/b 5', '+ publishClientSend c'],
      ['w c'],
    ],
    ['a lower denied one', ['+ publishClientSend a/b 5', '- publishClientSend a/# 0'], ['w a/b']],
    ['a denied subscription within an allowed one', ['- subscribePattern a/b 5', '+ subscribePattern a/#'], ['r a/#']],
    ['a denied subscription above', ['- subscribePattern a/# 5', '+ subscribePattern a/b'], []],
    ['a denied message under a subscription', ['+ subscribePattern a/#', '- publishClientReceive a/b'], []],
    ['the username', ['+ publishClientSend d/%u/x'], ['w d/dev/x']],
    ['a shared subscription', ['+ subscribePattern $share/g/b/#'], ['r b/#']],
    ['the control topic', ['+ publishClientSend $CONTROL/#'], []],
  ])('with %s', async (_name, all, expected) => {
    expect(await rights(...all)).toEqual(expected)
  })

  it('of 50 MB is read, and is named if it is cut off', async () => {
    const clients = [{ username: 'long', textname: 'x'.repeat(50_000_000) }, { username: 'dev' }]
    const given = file({ clients })
    expect([...(await readDraft([given])).users.keys()]).toContain('dev')
    const cut = await readDraft([{ ...given, text: given.text.slice(0, -1) }])
    expect([cut.users.size, found(cut).length]).toEqual([0, 1])
  })

  it('that denies receiving by default allows what is both subscribed and received', async () => {
    const draft = await readDraft([
      file({
        defaultACLAccess: { ...defaults, publishClientReceive: false },
        roles: [
          {
            rolename: 'main',
            acls: acls('+ subscribePattern a/#', '+ publishClientReceive +/b', '+ subscribePattern c'),
          },
        ],
      }),
    ])
    expect(rightsOf(draft, 'dev')).toEqual(['r a/b'])
    expect(found(draft, 'receive_missing')).toEqual(['dynsec.json:null receive_missing 1'])
  })

  it('that allows sending by default gives it as a role', async () => {
    const draft = await readDraft([file({ defaultACLAccess: { ...defaults, publishClientSend: true }, roles: [] })])
    expect(draft.users.get('dev')?.roles).toEqual(['mosquitto defaults'])
    expect(rightsOf(draft, 'dev')).toEqual(['w #'])
    expect(found(draft, 'role_unknown')).toEqual(['dynsec.json:null role_unknown 1'])
  })

  it('keeps roles and the roles of groups, and turns groups into tags', async () => {
    const draft = await readDraft([
      file({
        clients: [
          { username: 'one', textname: 'Press 1', disabled: true, clientid: 'c1', encoded_password: hash, roles: [] },
          { username: 'two', roles: [{ rolename: 'main' }] },
        ],
        groups: [
          { groupname: 'Hall 3', roles: [{ rolename: 'shared' }], clients: [{ username: 'one' }, { username: 'two' }] },
        ],
        roles: [
          { rolename: 'main', textdescription: 'Main', acls: acls('+ publishClientSend a') },
          { rolename: 'shared', acls: acls('+ subscribePattern b/#') },
        ],
      }),
    ])
    expect(draft.users.get('one')).toMatchObject({
      displayName: 'Press 1',
      disabled: true,
      roles: ['shared'],
      tags: ['hall 3'],
    })
    expect(draft.users.get('two')).toMatchObject({ roles: ['main', 'shared'], tags: ['hall 3'], permissions: [] })
    expect(found(draft)).toEqual(['dynsec.json:null client_id_not_bound 1', 'dynsec.json:null user_without_password 1'])
  })

  it('whose priorities matter gives the rights without the role, for those users only', async () => {
    const draft = await readDraft([
      file({
        clients: [
          {
            username: 'dev',
            roles: [
              { rolename: 'wide', priority: 1 },
              { rolename: 'stop', priority: 9 },
            ],
          },
          { username: 'free', roles: [{ rolename: 'wide' }] },
        ],
        roles: [
          { rolename: 'wide', acls: acls('+ publishClientSend a', '+ publishClientSend b') },
          { rolename: 'stop', acls: acls('- publishClientSend a') },
        ],
      }),
    ])
    expect([rightsOf(draft, 'dev'), rightsOf(draft, 'free')]).toEqual([['w b'], ['w a', 'w b']])
    expect(draft.users.get('dev')?.roles).toEqual([])
    expect(found(draft, 'priorities_matter')).toEqual(['dynsec.json:null priorities_matter 1'])
  })

  it.each(['{"clients":', '[]', '{"clients":[null,1,{"username":5}],"roles":{"a":1}}'])(
    'that is broken does not end the import: %s',
    async (text) => {
      const draft = await readDraft([
        { path: 'a.conf', text: 'plugin_opt_config_file d.json' },
        { path: 'd.json', text },
      ])
      expect(draft.users.size).toBe(0)
    },
  )
})
