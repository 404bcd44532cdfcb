/** A directory with two people in a process, for the browser tests. */
import { branches, dnOf, group, groupDn, person, Slapd, serviceDn, servicePassword, suffix } from './slapd.ts'

const password = 'a password of the directory'
const people = [person('alice', { password }), person('bob', { password })]
const slapd = await Slapd.start([branches, ...people, group('operators', [dnOf('alice')])].join('\n'))

process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => process.exit())
process.send?.({
  url: slapd.tlsUrl,
  authorities: slapd.authorities,
  account: serviceDn,
  accountPassword: servicePassword,
  peopleBase: `ou=people,${suffix}`,
  groupBase: `ou=groups,${suffix}`,
  operators: groupDn('operators'),
  password,
})
