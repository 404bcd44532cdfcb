/** What a broker can enforce, in words: for its page, and where an administrator decides. */

import type { StoredBroker } from '@gatehouse/contract/brokers/brokers'
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import { t } from '@lingui/core/macro'
import { formatList, formatNumber } from '../../messages/format.ts'
import { nameOf } from './broker-words.ts'

export interface CapabilityLine {
  about: string
  sentence: string
  /** `partly`: enforced with a difference; `no`: not enforced there. */
  level: 'full' | 'partly' | 'no'
}

export function capabilityLines(of: Capabilities): CapabilityLine[] {
  return [...identityLines(of), ...trustLines(of), ...changeLines(of), ...messageLines(of)]
}

function identityLines(of: Capabilities): CapabilityLine[] {
  return [
    choose(of.decidesCertificates, {
      about: t`Sign-in with a certificate`,
      yes: t`Gatehouse decides on each one, by CA, user and revocation.`,
      no: t`The broker admits each valid certificate of a trusted CA. Gatehouse decides by the Common Name what the client may publish and subscribe. A disabled user can connect, but has no rights.`,
      otherwise: 'partly',
    }),
    choose(of.bothOnOnePort, {
      about: t`Certificates and passwords`,
      yes: t`On the same port.`,
      no: t`Each needs a port of its own.`,
      otherwise: 'partly',
    }),
    choose(of.certificateAndPassword, {
      about: t`Certificate and password required`,
      yes: t`A client proves both.`,
      no: t`The broker cannot require both. Users who must prove both cannot use it.`,
    }),
    choose(of.authorityLimits, {
      about: t`Allowed usernames of a CA`,
      yes: t`Enforced.`,
      no: t`The broker cannot limit a CA. CAs with allowed usernames are not trusted there.`,
    }),
    choose(of.mode === 'inline', {
      about: t`Unknown devices`,
      yes: t`Admission rules decide.`,
      no: t`Admission rules hold on the embedded broker only. Here a device has no rights until its user exists.`,
      otherwise: 'partly',
    }),
    ...(of.badNames === ''
      ? []
      : [
          {
            about: t`Usernames and client ids`,
            sentence: t`Names with one of these characters are left out: ${of.badNames}`,
            level: 'partly' as const,
          },
        ]),
  ]
}

function trustLines(of: Capabilities): CapabilityLine[] {
  const added = durationWords(of.trustAddMs)
  const removed = durationWords(of.trustRemoveMs)
  return [
    {
      about: t`CA added or deleted`,
      sentence: t`Added: effective ${added}. Deleted: effective ${removed}.`,
      level: of.trustRemoveMs > slowMs ? 'partly' : 'full',
    },
    revocationLine(of),
  ]
}

function revocationLine({ revokeOne }: Capabilities): CapabilityLine {
  const about = t`Revoked certificate`
  if (revokeOne === 'any') return { about, sentence: t`Refused, of any CA.`, level: 'full' }
  if (revokeOne === 'no') {
    return { about, sentence: t`Cannot be refused. The user’s rights are taken instead.`, level: 'no' }
  }
  return {
    about,
    sentence: t`Refused, if the built-in CA issued it or a CRL of its CA lists it. Otherwise the user’s rights are taken instead.`,
    level: 'partly',
  }
}

function changeLines(of: Capabilities): CapabilityLine[] {
  const within = durationWords(of.endsWithinMs)
  return [
    {
      about: t`Right withdrawn, user disabled`,
      sentence: t`Connections that no longer have the right end ${within}.`,
      level: of.endsWithinMs > slowMs ? 'partly' : 'full',
    },
    ...(of.cacheMs > 0
      ? [
          {
            about: t`Memory of decisions`,
            sentence: t`The broker may act on an old decision for up to ${secondsOf(of.cacheMs)} s.`,
            level: 'partly' as const,
          },
        ]
      : []),
    choose(of.dropSession, {
      about: t`Stored session of a user without access`,
      yes: t`Deleted.`,
      no: t`Stays on the broker. What it may receive is checked.`,
      otherwise: 'partly',
    }),
    choose(of.refusalReasons, {
      about: t`Reasons of refusals`,
      yes: t`Each refusal is recorded under Decisions.`,
      no: t`Only the broker’s own log has them. Decisions does not show this broker.`,
    }),
  ]
}

function messageLines(of: Capabilities): CapabilityLine[] {
  return [
    choose(of.deliveryCheck, {
      about: t`Messages that are delivered`,
      yes: t`Checked again when they are delivered.`,
      no: t`Checked only when the client subscribes.`,
      otherwise: 'partly',
    }),
    choose(of.partialSubAck, {
      about: t`Several subscriptions at once`,
      yes: t`Each is allowed or refused alone.`,
      no: t`One refused subscription refuses all.`,
      otherwise: 'partly',
    }),
    choose(of.mqtt5, { about: t`MQTT 5`, yes: t`Supported.`, no: t`Not supported.`, otherwise: 'partly' }),
  ]
}

interface Choice {
  about: string
  yes: string
  no: string
  otherwise?: CapabilityLine['level']
}

function choose(isSo: boolean, { about, yes, no, otherwise = 'no' }: Choice): CapabilityLine {
  return { about, sentence: isSo ? yes : no, level: isSo ? 'full' : otherwise }
}

/** What takes longer than the embedded broker's promise. */
const slowMs = 1_000

function durationWords(ms: number): string {
  if (ms === 0) return t`at once`
  if (ms < 1_000) return t`within ${formatNumber(ms)} ms`
  return t`within ${secondsOf(ms)} s`
}

function secondsOf(ms: number): string {
  return formatNumber(Math.ceil(ms / 1_000))
}

/** What is decided: whether a user is disabled, must prove two things, whether one certificate is revoked, a CA is limited. */
export type Decided = 'disable' | 'both' | 'revocation' | 'limit'

/** What these brokers do differently: a sentence for each difference, with the names of all that make it. */
export function differenceWords(brokers: readonly StoredBroker[], decided: readonly Decided[]): string[] {
  const found = decided.flatMap((each) =>
    differences[each].map(({ isThere, words }) => {
      const those = brokers.filter(({ capabilities: of }) => of !== null && isThere(of))
      return those.length === 0 ? null : words(namesOf(those))
    }),
  )
  const away = brokers.filter(({ state }) => !state.reachable)
  return [...found, away.length === 0 ? null : awayWords(namesOf(away))].filter((each) => each !== null)
}

interface Difference {
  isThere: (of: Capabilities) => boolean
  words: (names: string) => string
}

const differences: Record<Decided, readonly Difference[]> = {
  disable: [
    {
      isThere: (of) => !of.decidesCertificates,
      words: (names) =>
        t`On ${names} a disabled user can still connect with a certificate, but can neither publish nor subscribe.`,
    },
  ],
  both: [
    {
      isThere: (of) => !of.certificateAndPassword,
      words: (names) =>
        t`On ${names} a certificate and a password cannot both be required. This user cannot sign in there.`,
    },
  ],
  revocation: [
    {
      isThere: (of) => of.revokeOne === 'ownAuthorities',
      words: (names) =>
        t`On ${names} a certificate of a foreign CA cannot be revoked. The user’s rights are taken instead, unless a CRL of that CA lists it.`,
    },
    {
      isThere: (of) => of.revokeOne === 'no',
      words: (names) => t`On ${names} no single certificate can be revoked. The user’s rights are taken instead.`,
    },
  ],
  limit: [
    {
      isThere: (of) => !of.authorityLimits,
      words: (names) =>
        t`On ${names} a CA cannot be limited to usernames. With allowed usernames, this CA is not trusted there.`,
    },
  ],
}

/** A broker that is away gets the change later. */
function awayWords(names: string): string {
  return t`Not reachable: ${names}. The change takes effect there later.`
}

function namesOf(brokers: readonly StoredBroker[]): string {
  return formatList(brokers.map(nameOf))
}
