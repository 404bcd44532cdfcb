/**
 * A slow and simple model of the decisions, written from the rules and not from the code: `access/decision` must decide as it does. Each
 * rule is a line; the first line that applies is the decision.
 */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { ChainProblem } from '@gatehouse/pki/judge/chain'

export interface LimitModel {
  authority: string
  usernames: readonly string[]
}

export interface RuleModel {
  id: string
  authority: string
  usernames: readonly string[]
  /** Null: one of the roles was deleted. */
  gives: readonly Permission[] | null
  /** Null: the author was disabled. */
  author: readonly Permission[] | null
  limit: 'below' | 'full' | 'full-this-hour' | 'full-an-hour-ago'
}

/** A CONNECT and all that the server knows about it. */
export interface Situation {
  clientCertificate: 'required' | 'accepted' | 'ignored' | 'none'
  chain: {
    fault: ChainProblem | null
    /** Null: the certificate names no user. */
    commonName: string | null
    paths: readonly { authority: string; limits: readonly LimitModel[] }[]
  } | null
  username: string | null
  password: 'none' | 'unchecked' | 'right' | 'right-for-an-earlier-password' | 'wrong' | 'throttled' | 'busy'
  user: {
    username: string
    isDisabled: boolean
    grants: readonly { method: 'password' | 'certificate' | 'token'; isRequired: boolean }[]
    permissions: readonly Permission[]
    confirmations: readonly { authority: string; permissions: readonly Permission[] }[]
    prefix: string | null
  } | null
  /** What decides if `user` is null. */
  admission: {
    isDenied: boolean
    isTaken: boolean
    rules: readonly RuleModel[]
  } | null
  /** The permissions of the person who limited a CA. Missing: an administrator limited it. */
  ceilings: ReadonlyMap<string, readonly Permission[]>
  clientId: string
  isClean: boolean
  clientIdOwner: 'nobody' | 'same-user' | 'other-user'
  will: string | null
}

/** `certificate`, `password` or `certificate+password` when admitted; `password-needed`; or the reason of the refusal. */
export function decideSlowly(situation: Situation): string {
  const isAsked = situation.clientCertificate === 'required' || situation.clientCertificate === 'accepted'
  const chain = isAsked ? situation.chain : null
  if (situation.clientCertificate === 'required' && !chain) return 'no_certificate'
  const proof = chain ? decideByCertificate(situation, chain) : decideByPassword(situation)
  const [isNewDevice, ruleId] = proof.split(' ')
  if (isNewDevice === 'new-device')
    return finishNewDevice(
      situation,
      situation.admission?.rules.find(({ id }) => id === ruleId),
    )
  if (!methods.includes(proof)) return proof
  if (!isGoodClientId(situation)) return 'bad_client_id'
  if (situation.clientIdOwner === 'other-user') return 'client_id_taken'
  const { user, will } = situation
  if (will !== null && !mayPublishSlowly(user?.permissions ?? [], (user?.prefix ?? '') + will)) return 'will_refused'
  return proof
}

const methods = ['certificate', 'password', 'certificate+password']

function decideByCertificate(situation: Situation, chain: NonNullable<Situation['chain']>): string {
  const { username, user } = situation
  const name = chain.commonName
  if (chain.fault !== null) return chain.fault
  if (name === null) return 'no_common_name'
  if (!/^[a-z0-9-]{3,64}$/.test(name)) return 'not_a_username'
  if (username !== null && username !== name) return 'username_mismatch'
  const own = user?.username === name ? user : null
  const verdicts = chain.paths.map((path) => judgePathSlowly(path, name, { own, situation }))
  if (!verdicts.includes('allowed'))
    return verdicts.includes('unconfirmed') ? 'authority_unconfirmed' : 'authority_limit'
  if (!own) return user === null ? decideNewDevice(situation, chain, name) : 'unknown_user'
  if (own.isDisabled) return 'disabled'
  if (isEnough(own, ['certificate'])) return 'certificate'
  // The password can still help: where it is required, or where it is the only grant.
  const helps = isEnough(own, ['certificate', 'password'])
  const isRequired = own.grants.some((grant) => grant.method === 'password' && grant.isRequired)
  if (!helps) return 'no_certificate_grant'
  if (situation.password === 'none') return isRequired ? 'required_grant_missing' : 'no_certificate_grant'
  const refusal = refusePasswordSlowly(situation)
  if (refusal !== null) return refusal
  return own.grants.some(({ method }) => method === 'certificate') ? 'certificate+password' : 'password'
}

/** `new-device` and the id of the rule, or the reason of the refusal. */
function decideNewDevice(situation: Situation, { paths }: NonNullable<Situation['chain']>, name: string): string {
  const { admission } = situation
  if (!admission) return 'unknown_user'
  if (admission.isDenied) return 'device_denied'
  const fitting = admission.rules.filter(
    ({ authority, usernames }) =>
      paths.some((path) => path.authority === authority) && usernames.some((glob) => matchesGlobSlowly(glob, name)),
  )
  if (fitting.length === 0) return 'unknown_user'
  if (admission.isTaken) return 'spelling_taken'
  const problems = fitting.map(ruleProblem)
  const rule = fitting[problems.indexOf(null)]
  if (!rule) return problems[0] ?? 'unknown_user'
  const own = asUser(rule)
  const verdicts = paths
    .filter(({ authority }) => authority === rule.authority)
    .map((path) => judgePathSlowly(path, name, { own, situation }))
  if (verdicts.includes('allowed')) return `new-device ${rule.id}`
  return verdicts.includes('unconfirmed') ? 'authority_unconfirmed' : 'authority_limit'
}

function ruleProblem({ gives, author, limit }: RuleModel): string | null {
  if (gives === null || gives.some(({ context }) => context === 'http')) return 'admission_roles'
  if (author === null || !isSubset(gives, author)) return 'admission_author'
  return limit === 'full' || limit === 'full-this-hour' ? 'admission_limit' : null
}

function asUser({ gives }: RuleModel): NonNullable<Situation['user']> {
  const grants = [{ method: 'certificate', isRequired: false }] as const
  return { username: '', isDisabled: false, grants, permissions: gives ?? [], confirmations: [], prefix: null }
}

/** A rule creates no user for a client that would be refused afterwards. */
function finishNewDevice(situation: Situation, rule: RuleModel | undefined): string {
  const { will, clientIdOwner } = situation
  if (!isGoodClientId(situation)) return 'bad_client_id'
  if (clientIdOwner !== 'nobody') return 'client_id_taken'
  if (will !== null && !mayPublishSlowly(rule?.gives ?? [], will)) return 'will_refused'
  return `new-device ${rule?.id}`
}

function decideByPassword(situation: Situation): string {
  const { username, password, user } = situation
  if (username === null || password === 'none') return 'no_credentials'
  const refusal = refusePasswordSlowly(situation)
  if (refusal !== null) return refusal
  if (user?.username !== username) return 'unknown_user'
  if (user.isDisabled) return 'disabled'
  if (isEnough(user, ['password'])) return 'password'
  const needsCertificate = user.grants.some((grant) => grant.method === 'certificate' && grant.isRequired)
  return needsCertificate ? 'required_grant_missing' : 'no_password_grant'
}

/** Null: it is right. A password that nobody has is never right. */
function refusePasswordSlowly({ password, user }: Situation): string | null {
  if (password === 'unchecked' || password === 'right-for-an-earlier-password') return 'password-needed'
  if (password === 'right') return user ? null : 'password-needed'
  if (password === 'wrong') return user ? 'wrong_credentials' : 'unknown_user'
  return password
}

/** On MQTT: if any grant is required, all required ones, otherwise any one. A token is no grant on MQTT. */
function isEnough({ grants }: NonNullable<Situation['user']>, proved: readonly string[]): boolean {
  const usable = grants.filter(({ method }) => method !== 'token')
  const required = usable.filter(({ isRequired }) => isRequired)
  if (required.length > 0) return required.every(({ method }) => proved.includes(method))
  return usable.some(({ method }) => proved.includes(method))
}

function judgePathSlowly(
  path: { authority: string; limits: readonly LimitModel[] },
  name: string,
  { own, situation: { ceilings } }: { own: Situation['user']; situation: Situation },
): 'allowed' | 'unconfirmed' | 'beyond-limit' {
  const isCovered = (authority: string) => {
    const ceiling = ceilings.get(authority)
    return !own || !ceiling || isSubset(own.permissions, ceiling)
  }
  // A person cannot lock out users whom they do not cover by limiting another CA with the same key.
  const counting = path.limits.filter(({ authority }) => authority === path.authority || isCovered(authority))
  if (!counting.every(({ usernames }) => usernames.some((glob) => matchesGlobSlowly(glob, name)))) return 'beyond-limit'
  const isConfirmed = (authority: string) =>
    own?.confirmations.some((each) => each.authority === authority && isSubset(own.permissions, each.permissions)) ===
    true
  return counting.every(({ authority }) => isCovered(authority) || isConfirmed(authority)) ? 'allowed' : 'unconfirmed'
}

function matchesGlobSlowly(glob: string, name: string): boolean {
  if (glob === '') return name === ''
  if (glob.startsWith('*')) {
    return matchesGlobSlowly(glob.slice(1), name) || (name !== '' && matchesGlobSlowly(glob, name.slice(1)))
  }
  return glob[0] === name[0] && matchesGlobSlowly(glob.slice(1), name.slice(1))
}

/** Right for permissions on single topics, for one operation each. */
function isSubset(wanted: readonly Permission[], held: readonly Permission[]): boolean {
  return wanted.every((one) => held.some((other) => JSON.stringify(one) === JSON.stringify(other)))
}

function isGoodClientId({ clientId, isClean }: Situation): boolean {
  if (clientId === '') return isClean
  return clientId.length <= 256 && Array.from(clientId).every((character) => character >= ' ' && character !== '\u007F')
}

export function mayPublishSlowly(permissions: readonly Permission[], topic: string): boolean {
  if (topic === '' || topic.includes('+') || topic.includes('#')) return false
  if (topic.split('/')[0] === '$SYS') return false
  return permissions.some((held) => held.operation !== 'read' && matchesSlowly(held.resource, topic))
}

export function mayReceiveSlowly(permissions: readonly Permission[], topic: string): boolean {
  if (topic.split('/')[0] === '$share') return false
  return permissions.some((held) => held.operation !== 'write' && matchesSlowly(held.resource, topic))
}

/** One permission must match each of `topics` that the filter matches. */
export function maySubscribeSlowly(
  permissions: readonly Permission[],
  filter: string,
  topics: readonly string[],
): boolean {
  const levels = filter.split('/')
  const isFilter = levels.every((level, at) => level !== '#' || at === levels.length - 1)
  if (filter === '' || !isFilter || levels[0] === '$share') return false
  const matching = topics.filter((topic) => matchesSlowly(filter, topic))
  return permissions.some(
    (held) => held.operation !== 'write' && matching.every((topic) => matchesSlowly(held.resource, topic)),
  )
}

/** MQTT 3.1.1 §4.7, one level after the other. */
export function matchesSlowly(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  return matchLevels(filter.split('/'), topic.split('/'))
}

function matchLevels([level, ...filter]: string[], topic: string[]): boolean {
  if (level === undefined) return topic.length === 0
  if (level === '#') return true
  const [first, ...rest] = topic
  if (first === undefined) return false
  return (level === '+' || level === first) && matchLevels(filter, rest)
}
