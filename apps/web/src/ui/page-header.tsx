/** The head of every page: its title, one line about what it is for, and what can be done. Names the browser's tab as well. */
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { HelpButton, type LoadHelp } from './help.tsx'
import classes from './page-header.module.css'

interface PageHeaderProps {
  title: string
  /** The title is read by machines, such as a username. */
  isMachine?: boolean
  /** Above the title: the list that the resource of this page is in. */
  above?: ReactNode
  /** Beside the title, such as badges of its state. */
  aside?: ReactNode
  description: ReactNode
  actions?: ReactNode
  help: LoadHelp
}

export function PageHeader({ title, isMachine, above, aside, description, actions, help }: PageHeaderProps) {
  useDocumentTitle(`${title} · Gatehouse`)
  return (
    <header className={classes['head']}>
      <div>
        {above && <div className={classes['above']}>{above}</div>}
        <div className={classes['title']}>
          <h1 data-machine={isMachine || undefined}>{title}</h1>
          {aside}
          <HelpButton about={title} load={help} />
        </div>
        <p>{description}</p>
      </div>
      {actions && <div className={classes['actions']}>{actions}</div>}
    </header>
  )
}
