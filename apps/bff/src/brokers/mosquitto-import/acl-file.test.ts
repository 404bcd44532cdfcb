/** What each construct of an `acl_file` becomes, and what is said about the ones that cannot be expressed. */
import { describe, expect, it } from 'vitest'
import { acl, found, passwords, rightsOf } from '../../../test/mosquitto-drafts.ts'
import { readDraft } from './read-draft.ts'

const rights = async (...lines: string[]) =>
  rightsOf(await readDraft([passwords('press-01'), acl(...lines)]), 'press-01')

describe('an acl_file', () => {
  it.each<[string, string[], string[]]>([
    ['read', ['user press-01', 'topic read a/b'], ['r a/b']],
    ['write', ['user press-01', 'topic write a/#'], ['w a/#']],
    ['readwrite', ['user press-01', 'topic readwrite a/+'], ['rw a/+']],
    ['no access word, which is both', ['user press-01', 'topic a/b'], ['rw a/b']],
    ['a topic with spaces', ['user press-01', 'topic read  a b/c d'], ['r a b/c d']],
    ['read and write of one topic', ['user press-01', 'topic read a', 'topic write a'], ['rw a']],
    [
      'two blocks of one user',
      ['user press-01', 'topic read a', 'user other', 'user press-01', 'topic read b'],
      ['r a', 'r b'],
    ],
    ['a pattern with the username', ['pattern write devices/%u/state'], ['w devices/press-01/state']],
    ['a pattern without a variable', ['pattern read time'], ['r time']],
    ['%u in a block, which is text', ['user press-01', 'topic read a/%u'], ['r a/%u']],
    ['another user', ['user other', 'topic read a'], []],
    ['comments and empty lines', ['# user', '', '   ', 'user press-01', '  topic read a'], ['r a']],
    ['a denied topic apart from the allowed one', ['user press-01', 'topic deny b', 'topic read a'], ['r a']],
    ['a denied topic above the allowed one', ['user press-01', 'topic read a/b', 'topic deny a/#'], []],
    [
      'a denied topic below the allowed one',
      ['user press-01', 'topic read a/#', 'topic read c', 'topic deny a/b'],
      ['r c'],
    ],
    [
      'a denied pattern above an allowed line of the user',
      ['pattern deny a/#', 'user press-01', 'topic read a/b'],
      ['r a/b'],
    ],
    ['$SYS', ['user press-01', 'topic read $SYS/#'], ['r $SYS/#']],
    ['$CONTROL, which rules Mosquitto itself', ['user press-01', 'topic $CONTROL/#'], []],
    ['the client id in an allowed pattern', ['pattern read a/%c'], []],
    ['the client id in a denied pattern', ['pattern deny a/%c', 'pattern read a/#', 'pattern read b'], ['r b']],
  ])('with %s', async (_name, lines, expected) => {
    expect(await rights(...lines)).toEqual(expected)
  })

  it('lists each line that is lost, with the users', async () => {
    const draft = await readDraft([
      passwords('press-01', 'press-02'),
      acl(
        'topic read anonymous/#',
        'user press-01',
        'topic read a/#',
        'topic deny a/secret',
        'topic read a/#/b',
        'topic maybe a',
        'topic',
        'pattern read c/%c/#',
        'users press-01',
      ),
    ])
    expect(found(draft)).toEqual([
      'acl:1 anonymous_rights 0',
      'acl:3 deny_under_allow 1',
      'acl:4 deny_under_allow 1',
      'acl:5 topic_invalid 1',
      'acl:6 line_invalid 0',
      'acl:7 line_invalid 0',
      'acl:8 client_id_in_topic 2',
      'acl:9 line_invalid 0',
      'acl:null subscriptions_are_checked 0',
    ])
  })

  it('makes a role of what several users share, named after them, and none for a single user', async () => {
    const draft = await readDraft([
      passwords('press-01', 'press-02', 'alone'),
      acl(
        'pattern write devices/%u/#',
        'pattern read time',
        ...['press-01', 'press-02'].flatMap((name) => [
          `user ${name}`,
          'topic read line-3/#',
          'topic write line-3/state',
        ]),
        'user alone',
        'topic read line-4/#',
      ),
    ])
    const shown = [...draft.users.values()].map(({ username, roles, permissions }) => [
      username,
      roles.join(', '),
      permissions.map(({ resource }) => resource).join(', '),
    ])
    expect(shown).toEqual([
      ['press-01', 'mosquitto everyone, press', 'devices/press-01/#'],
      ['press-02', 'mosquitto everyone, press', 'devices/press-02/#'],
      ['alone', 'mosquitto everyone', 'line-4/#, devices/alone/#'],
    ])
    expect(draft.roles.get('press')?.permissions).toEqual([
      { context: 'mqtt', resource: 'line-3/#', operation: 'read' },
      { context: 'mqtt', resource: 'line-3/state', operation: 'write' },
    ])
  })

  it('allows a topic as a whole although a part is denied, if the caller chooses so, and says it', async () => {
    const lines = ['user press-01', 'topic read a/#', 'topic deny a/secret', 'topic deny b']
    const draft = await readDraft([passwords('press-01'), acl(...lines)], { underDeny: 'grant' })
    expect(rightsOf(draft, 'press-01')).toEqual(['r a/#'])
    expect(found(draft, 'deny_ignored', 'deny_under_allow')).toEqual(['acl:2 deny_ignored 1', 'acl:3 deny_ignored 1'])
  })

  it('with more users than an import may have is refused', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `user press-${n}\ntopic a`)
    await expect(readDraft([acl(...lines)])).rejects.toMatchObject({ code: 'import_too_large' })
  })

  it('whose patterns give too many permissions to all users together is refused', async () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `press-${n}`)
    const patterns = Array.from({ length: 900 }, (_, n) => `pattern read a/${n}/%u`)
    await expect(readDraft([passwords(...names), acl(...patterns)])).rejects.toMatchObject({ code: 'import_too_large' })
  })
})
