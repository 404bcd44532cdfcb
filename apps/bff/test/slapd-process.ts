/** A directory with two people in a process, for the browser tests, and with as many more as the first argument says, for the bench. */
import { branches, dnOf, group, groupDn, person, Slapd, serviceDn, servicePassword, suffix } from './slapd.ts'

const password = 'a password of the directory'
const more = Array.from({ length: Number(process.argv[2] ?? 0) }, (_, at) => at)
const people = [
  person('alice', { password }),
  person('bob', { password }),
  ...more.map((at) => person(`person${at}`, { password, more: `entryUUID: ${uuidOf(at)}` })),
]
const groups = [
  group('operators', [dnOf('alice')]),
  group('everybody', [dnOf('bob'), ...more.map((at) => dnOf(`person${at}`))]),
]
const slapd = await Slapd.start([branches, ...people, ...groups].join('\n'))

process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => process.exit())
process.send?.({
  url: slapd.tlsUrl,
  plainUrl: slapd.url,
  authorities: slapd.authorities,
  account: serviceDn,
  accountPassword: servicePassword,
  peopleBase: `ou=people,${suffix}`,
  groupBase: `ou=groups,${suffix}`,
  operators: groupDn('operators'),
  password,
})

/** As `uuidOf` of e2e/support/directory.ts. */
function uuidOf(at: number): string {
  return `00000000-0000-4000-8000-${at.toString(16).padStart(12, '0')}`
}
