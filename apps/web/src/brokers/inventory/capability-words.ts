/** What a broker can enforce, in words: for its page, and where an administrator decides. */

import type { StoredBroker } from '@gatehouse/contract/brokers/brokers'
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import { t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'
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

/** The difference that this broker makes, or null. */
export function differenceWords(broker: StoredBroker, decided: Decided): string | null {
  const { capabilities: of } = broker
  const name = nameOf(broker)
  if (of === null) return null
  if (decided === 'disable' && !of.decidesCertificates) {
    return t`On ${name} a disabled user can still connect with a certificate, but can neither publish nor subscribe.`
  }
  if (decided === 'both' && !of.certificateAndPassword) {
    return t`${name} cannot require a certificate and a password. This user cannot use it.`
  }
  if (decided === 'revocation' && of.revokeOne === 'ownAuthorities') {
    return t`On ${name} a certificate of a foreign CA cannot be revoked. The user’s rights are taken instead, unless a CRL of that CA lists it.`
  }
  if (decided === 'revocation' && of.revokeOne === 'no') {
    return t`On ${name} no single certificate can be revoked. The user’s rights are taken instead.`
  }
  if (decided === 'limit' && !of.authorityLimits) {
    return t`${name} cannot limit a CA to usernames. With allowed usernames, this CA is not trusted there.`
  }
  return null
}

/** A broker that is away gets the change later. */
export function awayWords(broker: StoredBroker): string | null {
  const name = nameOf(broker)
  return broker.state.reachable ? null : t`${name} is not reachable. The change takes effect there when it is back.`
}
