/** The quiet frame of the pages before the console: a narrow column under the brand. */
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { Brand } from '../shell/brand.tsx'
import classes from './frame.module.css'

interface FrameProps {
  title: string
  description?: ReactNode
  children: ReactNode
}

export function Frame({ title, description, children }: FrameProps) {
  useDocumentTitle(`${title} · Gatehouse`)
  return (
    <main className={classes['frame']}>
      <Brand />
      <div>
        <h1>{title}</h1>
        {description && <p>{description}</p>}
      </div>
      {children}
    </main>
  )
}
