/** A part of a page under its own heading, with what can be done in it. */
import { type ReactNode, useId } from 'react'
import classes from './section.module.css'

interface SectionProps {
  title: string
  /** To the right of the heading, such as a button or a link to all. */
  actions?: ReactNode
  /** Said instead of the content where there is none. */
  empty?: ReactNode
  children: ReactNode
}

export function Section({ title, actions, empty, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={classes['section']}>
      <div className={classes['head']}>
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {empty ? <p className={classes['empty']}>{empty}</p> : children}
    </section>
  )
}
