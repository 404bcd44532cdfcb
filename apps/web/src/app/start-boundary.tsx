/** Shown when `session.view` fails at the start, with a button that tries again. */
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { describeError } from '../api/error-words.ts'
import { whenReachedAgain } from '../api/reachability.ts'
import classes from './error-page.module.css'

export class StartBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override componentDidMount(): void {
    whenReachedAgain(() => this.state.error !== null && location.reload())
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    const { title, advice } = describeError(this.state.error)
    return (
      <main className={classes['error']} role="alert">
        <h1>{title}</h1>
        <p>{advice}</p>
        <div className={classes['ways']}>
          <Button onClick={() => location.reload()}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      </main>
    )
  }
}
