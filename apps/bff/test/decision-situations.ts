/** Situations for the properties of the decisions. */
import type { Permission } from '@gatehouse/contract/access/permission'
import {
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  oneof,
  option,
  record,
  subarray,
  tuple,
  uniqueArray,
} from 'fast-check'
import type { RuleModel, Situation } from './decision-model.ts'

export const names = ['press-1', 'press-2', 'xy']
const authorities = ['a', 'b', 'c']

const everyTopic = ['t/1', 't/2'].flatMap((resource): Permission[] => [
  { context: 'mqtt', resource, operation: 'read' },
  { context: 'mqtt', resource, operation: 'write' },
])
const permissionsOnTopics = subarray(everyTopic)
const limit = record({
  authority: constantFrom(...authorities),
  usernames: uniqueArray(constantFrom('press-*', '*-1', 'press-1', '*', 'x*'), { minLength: 1, maxLength: 2 }),
})
const http: Permission = { context: 'http', resource: '/api/users', operation: 'read' }
const rules = uniqueArray(
  record<RuleModel>({
    id: constantFrom('r1', 'r2', 'r3'),
    authority: constantFrom(...authorities),
    usernames: uniqueArray(constantFrom('press-*', '*', 'xy', 'press-2'), { minLength: 1, maxLength: 2 }),
    gives: oneof(
      permissionsOnTopics,
      permissionsOnTopics,
      permissionsOnTopics,
      constantFrom<Permission[] | null>(null, [http]),
    ),
    author: oneof(constant<Permission[] | null>(everyTopic), constant(everyTopic), option(permissionsOnTopics)),
    limit: constantFrom('below', 'below', 'below', 'full', 'full-this-hour', 'full-an-hour-ago'),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
)
const grant = record({ method: constantFrom('password', 'certificate', 'token'), isRequired: boolean() })

/** A CONNECT in any state of the server. */
export const situation = record<Situation>({
  // The common cases more often, so that most runs come as far as the grants.
  clientCertificate: constantFrom('accepted', 'accepted', 'accepted', 'required', 'ignored', 'none'),
  chain: option(
    record({
      fault: constantFrom(null, null, null, null, 'expired', 'revoked', 'unknown_authority'),
      commonName: constantFrom('press-1', 'press-1', 'press-1', ...names, null),
      paths: array(record({ authority: constantFrom(...authorities), limits: array(limit, { maxLength: 2 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  ),
  username: constantFrom('press-1', 'press-1', null, ...names),
  password: constantFrom(
    'none',
    'unchecked',
    'right',
    'right',
    'right-for-an-earlier-password',
    'wrong',
    'throttled',
    'busy',
  ),
  user: option(
    record({
      username: constantFrom('press-1', 'press-1', 'press-1', 'press-2'),
      isDisabled: constantFrom(false, false, false, true),
      grants: uniqueArray(grant, { selector: ({ method }) => method, maxLength: 3 }),
      permissions: permissionsOnTopics,
      confirmations: array(record({ authority: constantFrom(...authorities), permissions: permissionsOnTopics }), {
        maxLength: 2,
      }),
      prefix: constantFrom(null, null, 't/'),
    }),
    { freq: 9 },
  ),
  admission: option(
    record({
      isDenied: constantFrom(false, false, false, true),
      isTaken: constantFrom(false, false, false, true),
      rules,
    }),
    { freq: 9 },
  ),
  ceilings: dictionary(constantFrom(...authorities), permissionsOnTopics, { maxKeys: 2 }).map(
    (byAuthority) => new Map(Object.entries(byAuthority)),
  ),
  clientId: constantFrom('device', 'device', '', 'x'.repeat(256), 'x'.repeat(257), 'a\u0000', 'a\u007F'),
  isClean: boolean(),
  clientIdOwner: constantFrom('nobody', 'nobody', 'same-user', 'other-user'),
  will: constantFrom(null, null, 't/1', '1', '2', '#', '$SYS/x', ''),
})

/** Of a device with a good certificate that nobody has entered: these rarely come as far as the rules otherwise. */
export const ofNewDevice = tuple(situation, rules).map(([given, made]): Situation => {
  const paths = given.chain?.paths ?? [{ authority: 'a', limits: [] }]
  const { isDenied = false, isTaken = false } = given.admission ?? {}
  return {
    ...given,
    clientCertificate: 'accepted',
    chain: { fault: null, commonName: 'press-1', paths },
    username: null,
    user: null,
    admission: { isDenied, isTaken, rules: made },
  }
})
