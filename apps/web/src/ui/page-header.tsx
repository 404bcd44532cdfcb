/** The head of every page: its title, one line about what it is for, and what can be done. Names the browser's tab as well. */
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import classes from './page-header.module.css'

interface PageHeaderProps {
  title: string
  description: ReactNode
  actions?: ReactNode
}

export function PageHeader({ title, description, actions }: PageHeaderProps) {
  useDocumentTitle(`${title} · Gatehouse`)
  return (
    <header className={classes['head']}>
      <div>
        <h1>{title}</h1>
        <p>{description}</p>
      </div>
      {actions && <div className={classes['actions']}>{actions}</div>}
    </header>
  )
}
