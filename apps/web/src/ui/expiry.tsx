/** When a certificate ends: the date, and a bar of what is left of its time. */
import { StatusBadge } from './badges.tsx'
import { useNow } from './clock.ts'
import classes from './expiry.module.css'
import { exactTime } from './relative-time.tsx'
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
        <time dateTime={notAfter} title={exactTime(notAfter)}>
          {dateOf(notAfter)}
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

// The Swedish way to write a date is ISO 8601.
const isoDate = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' })

/** `2031-03-02`, in the reader's zone. */
export function dateOf(at: string): string {
  return isoDate.format(Date.parse(at))
}
