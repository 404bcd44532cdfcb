/** The texts for refusals of devices that nobody entered. */
import type { AdmissionProblem } from '@gatehouse/contract/brokers/admission-rules'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'
import type { ReasonWords } from './transport-words.ts'

export const admissionProblemWords: Record<AdmissionProblem, ReasonWords> = {
  admission_roles: {
    sentence: t`An admission rule fits, but one of its roles was deleted or has permissions in the console.`,
    advice: t`Choose other roles in the admission rule.`,
  },
  admission_author: {
    sentence: t`An admission rule fits, but the person who is responsible for it no longer has all permissions that it gives, or is disabled.`,
    advice: t`Someone who has these permissions must save the admission rule again.`,
  },
  admission_limit: {
    sentence: t`An admission rule fits, but it has admitted as many devices as it may, in this hour or in all.`,
    advice: t`Wait for the next hour, raise the limit of the admission rule, or create the user.`,
  },
}

export const admissionWords = {
  ...admissionProblemWords,
  device_denied: {
    sentence: t`The user of this name was deleted, or the name was denied. No admission rule admits it.`,
    advice: t`Create the user, or allow the name again under Admission rules.`,
  },
  spelling_taken: {
    sentence: t`An admission rule fits, but another user has this name with other capital letters.`,
    advice: t`Issue the certificate with the name of the user, or with a name that differs in more than capital letters.`,
  },
  admission_busy: {
    sentence: t`Too many new devices came at once.`,
    advice: t`The client should retry by itself.`,
  },
} satisfies Partial<Record<RefusalReason, ReasonWords>>
