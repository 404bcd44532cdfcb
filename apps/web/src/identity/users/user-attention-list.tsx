import { t } from '@lingui/core/macro'
import { Link } from '@tanstack/react-router'
import { withSearch } from '../../ui/search-links.ts'
import type { UserAttention } from './user-attention.ts'
import classes from './user-page.module.css'

const tabNames = {
  certificates: t`Certificates`,
  decisions: t`Decisions`,
}

/** Above the tabs; nothing where nothing needs attention. */
export function AttentionList({ items }: { items: readonly UserAttention[] }) {
  if (items.length === 0) return null
  return (
    <ul className={classes['attention']} aria-label={t`Needs attention`}>
      {items.map(({ status, sentence, advice, tab }) => (
        <li key={sentence} data-status={status}>
          <span>
            {sentence} {advice && <span className={classes['advice']}>{advice}</span>}
          </span>
          {tab && <Link {...withSearch({ tab })}>{tabNames[tab]}</Link>}
        </li>
      ))}
    </ul>
  )
}
