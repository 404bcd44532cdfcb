/** When a certificate ends: the date, and a bar of what is left of its time. */
import { formatDate, formatExactTime } from '../messages/format.ts'
import { StatusBadge } from './badges.tsx'
import { useNow } from './clock.ts'
import classes from './expiry.module.css'
import { remainingLife } from './remaining-life.ts'

interface ExpiryProps {
  notBefore: string
  notAfter: string
  /** It is revoked or replaced, so its expiry is not urgent. */
  isOver?: boolean
}

export function Expiry({ notBefore, notAfter, isOver = false }: ExpiryProps) {
  const life = remainingLife(Date.parse(notBefore), Date.parse(notAfter), useNow())
  const { share, status, label } = isOver && life.status !== 'refused' ? { ...life, ...quiet } : life
  return (
    <div>
      <div className={classes['words']}>
        <time dateTime={notAfter} title={formatExactTime(notAfter)}>
          {formatDate(notAfter)}
        </time>
        {label && <StatusBadge status={status}>{label}</StatusBadge>}
      </div>
      <div className={classes['bar']} data-status={status} aria-hidden>
        <div style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}

const quiet = { status: 'off', label: null } as const
