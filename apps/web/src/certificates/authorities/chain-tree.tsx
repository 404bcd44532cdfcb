/** The chain from the root down to this authority, and the tree below it. */

import type { AuthorityChain } from '@gatehouse/contract/certificates/authority-chain'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link, type LinkProps } from '@tanstack/react-router'
import { formatDate } from '../../messages/format.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { useNow } from '../../ui/clock.ts'
import classes from './chain-tree.module.css'

interface ChainTreeProps {
  chain: AuthorityChain
  linkOf: (fingerprint: string) => LinkProps
}

export function ChainTree({ chain: { nodes, unknownIssuer, isCut }, linkOf }: ChainTreeProps) {
  const now = useNow()
  const top = Math.min(...nodes.map(({ level }) => level)) - (unknownIssuer === null ? 0 : 1)
  return (
    <ul className={classes['tree']} aria-label={t`Chain`}>
      {unknownIssuer !== null && (
        <li className={classes['unknown']}>
          <span>{unknownIssuer}</span>
          <span className={classes['until']}>
            <Trans>signed it, not in the trust store</Trans>
          </span>
        </li>
      )}
      {nodes.map(({ fingerprint, name, notAfter, withdrawnAt, level }) => (
        <li key={fingerprint} style={{ paddingLeft: (level - top) * 20 }} data-below={level > top || undefined}>
          {level === 0 ? <strong aria-current="true">{name}</strong> : <Link {...linkOf(fingerprint)}>{name}</Link>}
          {withdrawnAt !== null && (
            <StatusBadge status="off">
              <Trans>not for clients</Trans>
            </StatusBadge>
          )}
          {Date.parse(notAfter) <= now && (
            <StatusBadge status="refused">
              <Trans>expired</Trans>
            </StatusBadge>
          )}
          <span className={classes['until']}>
            <Trans>until {formatDate(notAfter)}</Trans>
          </span>
        </li>
      ))}
      {isCut && (
        <li className={classes['until']}>
          <Trans>… and more below, not shown.</Trans>
        </li>
      )}
    </ul>
  )
}
