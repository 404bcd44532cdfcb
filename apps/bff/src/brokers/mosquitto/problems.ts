/** What is wrong with a Mosquitto now, by the codes of the console. */
import type { BrokerProblem } from '@gatehouse/contract/brokers/inventory'
import type { ConnectFault } from './control-client.ts'
import { isDrifted } from './drift.ts'
import type { MosquittoEnforcer } from './enforcer.ts'
import type { Remark, RemarkCode } from './remarks.ts'

const ofFault: Record<ConnectFault, BrokerProblem['code']> = {
  unreachable: 'unreachable',
  tls: 'tls_failed',
  not_authorized: 'credentials_refused',
  protocol: 'wrong_answer',
}

const ofRemark: Record<RemarkCode, BrokerProblem['code']> = {
  authority_without_crl: 'authority_without_crl',
  authority_crl_expired: 'crl_expired',
  authority_limited: 'authorities_left_out',
  authority_without_root: 'authorities_left_out',
  both_required: 'names_left_out',
  password_only: 'names_left_out',
  certificate_only: 'names_left_out',
  certificate_revoked: 'names_left_out',
  rule_left_out: 'rules_left_out',
}

export function problemsOf(enforcer: MosquittoEnforcer, remarks: readonly Remark[]): BrokerProblem[] {
  const { fault, drift, foreignFiles } = enforcer
  const foreign = foreignFiles.filter(({ kind }) => kind === 'authority').map(({ name }) => name)
  const missing = enforcer.withoutPassword.length
  return [
    ...(enforcer.isConnected ? [] : [problem(fault === null ? 'unreachable' : ofFault[fault], null)]),
    // A Mosquitto that does not run needs no signal: it reads the files when it starts.
    ...enforcer.problems.filter(({ code }) => enforcer.isConnected || code !== 'signal_failed'),
    ...(drift && isDrifted(drift) ? [problem('drift', String(Object.values(drift).flat().length))] : []),
    ...(foreign.length > 0 ? [problem('foreign_authority', someOf(foreign))] : []),
    ...(missing > 0 ? [problem('passwords_missing', String(missing))] : []),
    ...problemsOfRemarks(remarks),
  ]
}

/** One problem for each code, with the names of CAs or the number of users. */
export function problemsOfRemarks(remarks: readonly Remark[]): BrokerProblem[] {
  const found = new Map<BrokerProblem['code'], { names: string[]; count: number }>()
  for (const { code, names, count } of remarks) {
    const before = found.get(ofRemark[code]) ?? { names: [], count: 0 }
    found.set(ofRemark[code], { names: [...before.names, ...names], count: before.count + count })
  }
  return [...found].map(([code, { names, count }]) =>
    problem(code, /^(authorit|crl)/.test(code) ? someOf(names) : String(count)),
  )
}

export function someOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} …` : names.join(', ')
}

function problem(code: BrokerProblem['code'], detail: string | null): BrokerProblem {
  return { code, detail }
}
