/** The quiet frame of the pages before the console: a narrow column under the brand. */
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useSignOut } from '../../api/session.ts'
import { Brand } from '../../ui/brand.tsx'
import { Refusal } from '../../ui/refusal.tsx'
import { takeFocus } from '../../ui/take-focus.ts'
import classes from './frame.module.css'

interface FrameProps {
  title: string
  description?: ReactNode
  children?: ReactNode
}

export function Frame({ title, description, children }: FrameProps) {
  useDocumentTitle(`${title} · Gatehouse`)
  return (
    <main className={classes['frame']}>
      <Brand />
      <div>
        {/* A field with `autoFocus` is mounted later and takes it over. */}
        <h1 ref={takeFocus} tabIndex={-1}>
          {title}
        </h1>
        {description && <p>{description}</p>}
      </div>
      {children}
    </main>
  )
}

/** The way out of a sign-in that is not complete. */
export function SignOutButton({ children = t`Sign out` }: { children?: ReactNode }) {
  const { mutate, isPending, error } = useSignOut()
  return (
    <>
      <Refusal error={error} waitSeconds={0} />
      <Button variant="default" loading={isPending} onClick={() => mutate()}>
        {children}
      </Button>
    </>
  )
}
