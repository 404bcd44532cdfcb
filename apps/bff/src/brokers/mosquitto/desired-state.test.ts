import type { Permission } from '@gatehouse/contract/access/permission'
import { describe, expect, it } from 'vitest'
import { makeDecisionUser } from '../../../test/decision-facts.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { compileAcls } from './acls.ts'
import { type Accepts, compileClient } from './desired-state.ts'
import { passwordTagOf } from './password-tag.ts'

const mqtt = (resource: string, operation: Permission['operation'] = 'readWrite'): Permission => ({
  context: 'mqtt',
  resource,
  operation,
})

function user(methods: string, more: Partial<DecisionUser> = {}): DecisionUser {
  const grants = methods.split(' ').filter(Boolean)
  const permissions = [mqtt('line-3/#')]
  return makeDecisionUser({
    username: 'press-7',
    // `certificate!` is a required grant.
    grants: grants.map((name) => ({
      method: name.startsWith('certificate') ? 'certificate' : 'password',
      isRequired: name.endsWith('!'),
    })),
    mqttPermissions: permissions,
    permissions,
    credential: grants.some((name) => name.startsWith('password')) ? 'hash' : null,
    ...more,
  })
}

const both: Accepts = { certificate: true, password: true, passwordOnly: false }
const noneRevoked: ReadonlySet<string> = new Set()

/** `in`, `in with password`, `absent`, or why the user is left out. */
function outcome(of: DecisionUser, accepts = both, revokedNames = noneRevoked): string {
  const compiled = compileClient(of, { accepts, revokedNames, tagOf: passwordTagOf })
  if (compiled === null) return 'absent'
  if ('leftOut' in compiled) return compiled.leftOut
  return compiled.client.passwordTag === null ? 'in' : 'in with password'
}

describe('who has rights on a Mosquitto', () => {
  it.each([
    ['certificate', 'in'],
    ['certificate password', 'in with password'],
    ['certificate! password', 'in'],
    // Mosquitto would admit a certificate that names the user.
    ['password', 'password_only'],
    ['password! certificate', 'password_only'],
    ['password! certificate!', 'both_required'],
    ['', 'absent'],
  ])('%s, where certificates and passwords are accepted: %s', (methods, expected) => {
    expect(outcome(user(methods))).toBe(expected)
  })

  it.each([
    ['password', 'in with password'],
    ['certificate password', 'in with password'],
    ['certificate', 'certificate_only'],
    ['certificate! password', 'certificate_only'],
  ])('%s, where only passwords are accepted: %s', (methods, expected) => {
    expect(outcome(user(methods), { ...both, certificate: false })).toBe(expected)
  })

  it('takes users with the password grant only where an administrator has allowed it', () => {
    expect(outcome(user('password'), { ...both, passwordOnly: true })).toBe('in with password')
  })

  it('leaves out a disabled user, one without MQTT permissions, and one whose certificate cannot be refused there', () => {
    expect(outcome(user('certificate', { disabledAt: '2026-11-29T06:00:00Z' }))).toBe('absent')
    expect(outcome(user('certificate', { mqttPermissions: [] }))).toBe('absent')
    expect(outcome(user('certificate'), both, new Set(['press-7']))).toBe('certificate_revoked')
  })
})

const lines = (...permissions: Permission[]) =>
  compileAcls(permissions).map(
    ({ acltype, topic, priority, allow }) => `${allow ? '+' : '-'}${priority} ${acltype} ${topic}`,
  )

describe('ACLs', () => {
  it('mirrors each right to subscribe as a right to receive, and covers shared subscriptions', () => {
    expect(lines(mqtt('line-3/+/state', 'read'), mqtt('line-3/cmd', 'write'))).toEqual([
      '+0 subscribePattern line-3/+/state',
      '+0 subscribePattern $share/+/line-3/+/state',
      '+0 publishClientReceive line-3/+/state',
      '+0 publishClientSend line-3/cmd',
    ])
  })

  it('keeps topics of the broker from a leading wildcard, and gives them by an explicit permission only', () => {
    expect(lines(mqtt('#', 'read'))).toEqual(
      expect.arrayContaining(['-1 subscribePattern $SYS/#', '-1 subscribePattern $CONTROL/#']),
    )
    const explicit = lines(mqtt('#', 'read'), mqtt('$SYS/#', 'readWrite'))
    expect(explicit).toContain('+2 subscribePattern $SYS/#')
    expect(explicit.join()).not.toContain('-1 subscribePattern $SYS/#')
    expect(explicit.join()).not.toContain('publishClientSend $SYS')
  })

  it.each(['$CONTROL/dynamic-security/v1', '$CONTROL/#', '$share/g/x', 'line/%u/#', '%c'])(
    'never gives %s to a client',
    (resource) => {
      expect(lines(mqtt(resource))).toEqual([])
    },
  )
})
