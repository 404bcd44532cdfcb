/** The next expiries with links, and their distribution over a year. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { ExpiriesToCome, Expiring, ExpiryKind } from '@gatehouse/contract/operations/overview'
import { t } from '@lingui/core/macro'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toAuthority, toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { Expiry } from '../../ui/expiry.tsx'
import classes from './expires-next.module.css'
import { ExpiryTimeline } from './expiry-timeline.tsx'

const kindWords: Record<ExpiryKind, string> = {
  authority: t`CA`,
  issued: t`client certificate, issued here`,
  seen: t`client certificate`,
  server: t`server certificate`,
}

export function ExpiresNext({ of: { next, ...toCome } }: { of: ExpiriesToCome }) {
  const linkOf = useLinks()
  return (
    <>
      <ol className={classes['next']}>
        {next.map((each) => {
          const link = linkOf(each)
          const name = each.kind === 'issued' || each.kind === 'seen' ? <Machine>{each.name}</Machine> : each.name
          return (
            <li key={`${each.kind} ${each.fingerprint}`}>
              <span className={classes['name']}>
                {link ? <Link {...link}>{name}</Link> : <span>{name}</span>}
                <span className={classes['kind']}>{kindWords[each.kind]}</span>
              </span>
              <Expiry notBefore={each.notBefore} notAfter={each.notAfter} />
            </li>
          )
        })}
      </ol>
      <ExpiryTimeline {...toCome} />
    </>
  )
}

/** Null if there is no page for it, or the user may not view it. */
function useLinks(): (one: Expiring) => LinkProps | null {
  const { can } = useSession()
  return ({ kind, fingerprint, userId }) => {
    if (kind === 'authority' && can(authorities.view, { fingerprint })) {
      return toAuthority(fingerprint)
    }
    if (userId === null || !can(users.view, { id: userId })) return null
    return toUser(userId)
  }
}
