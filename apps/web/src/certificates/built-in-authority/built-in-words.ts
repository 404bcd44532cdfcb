/** The consequences of another built-in authority for clients. */

import type { BuiltInAuthority, builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { Answer } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { disconnectedWords } from '../../ui/consequences.ts'

/** Said before it is done. `isRoot`: the new one signed itself. */
export function consequencesOf(
  { authority, server, overlap }: BuiltInAuthority,
  { isRoot }: { isRoot: boolean },
): string[] {
  return [
    ...(server.isGiven
      ? [t`This server’s certificate stays: it is your own, given by files.`]
      : [t`This server’s certificate is signed anew and in use at once.`, serverWords(authority, isRoot)]),
    ...(overlap && !server.isGiven
      ? [t`Clients that know only ${overlap.authority.name}, the one before, will refuse this server.`]
      : []),
    t`${authority.name} stays trusted for clients until you delete it: nobody is disconnected now.`,
    t`Its private key is not kept: what it signed stays good, it signs nothing more.`,
  ]
}

/** The server makes a certificate between the two only where both are roots. */
function serverWords({ name, selfSigned, pathLength }: BuiltInAuthority['authority'], isRoot: boolean): string {
  return isRoot && selfSigned && pathLength !== 0
    ? t`Clients that know only ${name} still believe this server, for 397 days at most. Give them the new authority.crt by then.`
    : t`Clients that know only ${name} refuse this server at once, until they have the new authority.crt.`
}

export function replacedWords({ authority, disconnected }: Answer<typeof builtInAuthority.replace>): string {
  return t`${authority.name} is the built-in authority now. ${disconnectedWords(disconnected)}`
}
