/** What `judgeConnect` decides. Without MQTT return codes: an embedder maps the reasons to its protocol. */
import type { RefusalReason, SignInMethod } from '@gatehouse/contract/brokers/broker'
import type { CheckName } from '@gatehouse/contract/certificates/check'
import type { TrustedVerdict } from '@gatehouse/pki/judge/chain'
import type * as z from 'zod/mini'
import type { AdmissionRule } from './admission.ts'
import type { DecisionUser } from './facts.ts'

export type Method = z.output<typeof SignInMethod>

export interface Admitted {
  outcome: 'admitted'
  user: DecisionUser
  method: Method
  /** The chain by the path that counted. Null: without a certificate. */
  verdict: TrustedVerdict | null
}

/**
 * The device has no user yet. The embedder creates it with the roles of this rule and judges again: the rule is judged once more in the
 * transaction that creates the user.
 */
export interface NewDeviceAdmitted {
  outcome: 'new-device'
  username: string
  rule: AdmissionRule
  /** The chain by the path that counted. */
  verdict: TrustedVerdict
}

export interface Refused {
  outcome: 'refused'
  reason: RefusalReason
  /** How the client named its user. Null: it did not. */
  claim: 'certificate' | 'username' | null
  /** The topic of a will that was refused, with the publish prefix. */
  topic?: string
}

/**
 * The decision depends on the password: check it and judge again, with facts that are read after the check. Also for an unknown user
 * (`userId` is null then), so that the answer takes as long as for a known one.
 */
export interface PasswordNeeded {
  outcome: 'password-needed'
  userId: string | null
  username: string
}

export type ConnectDecision = Admitted | NewDeviceAdmitted | Refused | PasswordNeeded

/** The user is proved; the request of the CONNECT is not judged yet. */
export interface Proved extends Omit<Admitted, 'outcome'> {
  outcome: 'proved'
  /** The rule by which the user would be created. Null: the user exists. */
  admittedBy: AdmissionRule | null
}

/** Called for each check of a certificate, in order. */
export type Note = (check: CheckName, isPassed: boolean) => void
