/** A made-up plant on a Mosquitto of its own: 300 users, and lines of every kind of an `acl_file` and of dynamic security. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../../scripts/free-port.ts'
import type { GivenFile } from '../src/brokers/mosquitto-import/source-lines.ts'
import { pbkdf2Hash, sha512Hash } from './mosquitto-hashes.ts'

/** Can read and write everything. */
export const foreman = 'foreman'

export const passwordOf = (username: string) => `old password of ${username}`

const numbered = (kind: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${kind}-${String(n + 1).padStart(3, '0')}`)

/** Users of each kind have the same lines. */
export const plantUsers = {
  press: numbered('press', 120),
  robot: numbered('robot', 100),
  sensor: numbered('sensor', 60),
  panel: numbered('panel', 19),
  foreman: [foreman],
}

export const everyPlantUser = Object.values(plantUsers).flat()

/** Topics that every user tries. `%u` is the own name. */
export const triedTopics = [
  'time',
  'plant/news',
  'line-1/press/state',
  'line-1/press/secret',
  'line-1/press/setpoint',
  'line-2/robot/state',
  'line-2/robot/stop',
  'hall 3/temperature',
  'hall 3/humidity',
  'devices/%u/state',
  'devices/%u/private',
  'devices/press-001/state',
  'panels/a/b/c',
  'panels',
  'logs/x',
]

/** Wider filters that every user tries to subscribe to. */
export const triedFilters = ['#', 'line-1/press/#', 'line-2/#', 'hall 3/+']

const kinds: Record<Exclude<keyof typeof plantUsers, 'foreman'>, string[]> = {
  press: [
    'topic read line-1/press/state',
    'topic read line-1/press/secret',
    'topic write line-1/press/state',
    'topic deny line-1/press/setpoint',
    'topic write line-1/+/secret',
  ],
  robot: [
    'topic readwrite line-2/robot/#',
    'topic deny line-2/robot/stop/#',
    'topic deny line-2/#',
    'topic read plant/news',
  ],
  sensor: ['topic write hall 3/temperature', 'topic readwrite  hall 3/humidity', 'topic read logs/%c'],
  panel: ['topic read #', 'topic deny logs/#', 'topic write panels/#', 'topic write time'],
}

function aclText(): string {
  const blocks = Object.entries(kinds).flatMap(([kind, lines]) =>
    plantUsers[kind as keyof typeof kinds].map((username) => ['', `user ${username}`, ...lines].join('\n')),
  )
  return [
    '# for clients without a username',
    'topic read anonymous/#',
    ...blocks,
    `user ${foreman}`,
    'topic #',
    '',
    'pattern read time',
    'pattern readwrite devices/%u/state',
    'pattern deny devices/%u/private',
    'pattern read devices/%c/state',
    'pattern deny plant/+',
    'pattern read plant/news',
    'pattern write logs/%u',
    '',
  ].join('\r\n')
}

function hashOf(username: string, at: number): string {
  if (at % 3 === 0) return sha512Hash(passwordOf(username))
  return pbkdf2Hash(passwordOf(username), at % 3 === 1 ? 101 : 1_500)
}

/** Users and rights in `password_file` and `acl_file`. */
export function makePlant(): GivenFile[] {
  const lines = everyPlantUser.map((username, at) => `${username}:${hashOf(username, at)}\n`)
  return [
    { path: 'passwd', text: lines.join('') },
    { path: 'acl', text: aclText() },
    {
      path: 'mosquitto.conf',
      text: 'password_file /etc/mosquitto/passwd\nacl_file /etc/mosquitto/acl\nallow_anonymous false\n',
    },
  ]
}

const acls = (...all: string[]) =>
  all.map((each) => {
    const [sign, acltype = '', priority = '0', ...topic] = each.split(' ')
    return { acltype, topic: topic.join(' '), priority: Number(priority), allow: sign === '+' }
  })

export const dynsecUsers = ['press-001', 'robot-001', 'sensor-001', 'panel-001', foreman]

function client(username: string, ...roles: { rolename: string; priority?: number }[]) {
  const [, , iterations, salt, password] = pbkdf2Hash(passwordOf(username)).split('$')
  return { username, salt, password, iterations: Number(iterations), roles }
}

/** Some users with roles, groups and priorities in `dynamic-security.json`. */
export function makeDynsecPlant(): GivenFile[] {
  const json = {
    defaultACLAccess: { publishClientSend: false, publishClientReceive: true, subscribe: false, unsubscribe: true },
    clients: [
      client('press-001', { rolename: 'press' }),
      client('robot-001', { rolename: 'robot', priority: 1 }, { rolename: 'stopped', priority: 5 }),
      client('sensor-001'),
      client('panel-001', { rolename: 'press' }, { rolename: 'panel' }),
      client(foreman, { rolename: 'all' }),
    ],
    groups: [
      {
        groupname: 'hall 3',
        roles: [{ rolename: 'hall' }],
        clients: [{ username: 'sensor-001' }, { username: 'panel-001' }],
      },
    ],
    roles: [
      {
        rolename: 'press',
        acls: acls(
          '+ subscribePattern 0 line-1/press/#',
          '+ publishClientSend 0 line-1/press/state',
          '- subscribePattern 9 line-1/press/setpoint',
          '+ subscribeLiteral 0 time',
        ),
      },
      {
        rolename: 'robot',
        acls: acls(
          '+ publishClientSend 0 line-2/robot/state',
          '+ publishClientSend 0 plant/news',
          '+ subscribePattern 0 line-2/#',
          '+ subscribePattern 0 time',
        ),
      },
      { rolename: 'stopped', acls: acls('- publishClientSend 0 line-2/#', '- publishClientReceive 0 line-2/#') },
      {
        rolename: 'hall',
        acls: acls(
          '+ subscribePattern 0 +/temperature',
          '+ subscribePattern 0 time',
          '+ publishClientSend 3 hall 3/temperature',
          '- publishClientSend 1 hall 3/#',
        ),
      },
      {
        rolename: 'panel',
        acls: acls('+ subscribePattern 0 #', '- publishClientReceive 0 logs/#', '+ publishClientSend 0 panels/#'),
      },
      { rolename: 'all', acls: acls('+ subscribePattern 0 #', '+ publishClientSend 0 #') },
    ],
  }
  return [
    { path: 'dynsec.json', text: JSON.stringify(json) },
    {
      path: 'mosquitto.conf',
      text: 'plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so\nplugin_opt_config_file /etc/mosquitto/dynsec.json\n',
    },
  ]
}

export interface PlantBroker {
  port: number
  stop(): Promise<void>
}

/** Runs Debian's Mosquitto on these files. */
export async function runPlantBroker(files: readonly GivenFile[]): Promise<PlantBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-plant-'))
  const port = await freePort()
  for (const { path, text } of files) {
    // Started by root, Mosquitto would become another user, who cannot read this folder.
    const before =
      path === 'mosquitto.conf' ? `listener ${port} 127.0.0.1\n${process.getuid?.() === 0 ? 'user root\n' : ''}` : ''
    await writeFile(join(folder, path), before + text.replaceAll('/etc/mosquitto', folder))
  }
  const child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
  await listening(port, child)
  return {
    port,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await wait(10)
  }
  throw new Error('Mosquitto did not start')
}
