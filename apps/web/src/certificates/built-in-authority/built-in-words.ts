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
      ? [t`The server certificate stays, because it is your own, from files.`]
      : [t`The server certificate is issued again and used at once.`, serverWords(authority, isRoot)]),
    ...(overlap && !server.isGiven
      ? [t`Clients that have only the previous CA, ${overlap.authority.name}, will refuse this server.`]
      : []),
    t`${authority.name} stays trusted for clients until you delete it. No client is disconnected now.`,
    t`Its private key is deleted. Certificates that it signed stay valid, but it cannot sign new ones.`,
  ]
}

/** The server makes a certificate between the two only where both are roots. */
function serverWords({ name, selfSigned, pathLength }: BuiltInAuthority['authority'], isRoot: boolean): string {
  return isRoot && selfSigned && pathLength !== 0
    ? t`Clients that have only ${name} trust this server for at most 397 days. Give them the new authority.crt by then.`
    : t`Clients that have only ${name} refuse this server at once, until they get the new authority.crt.`
}

export function replacedWords({ authority, ...ended }: Answer<typeof builtInAuthority.replace>): string {
  return t`${authority.name} is now the built-in CA. ${disconnectedWords(ended)}`
}
