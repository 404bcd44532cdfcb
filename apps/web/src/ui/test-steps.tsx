/** The steps of a test of a connection, each with what it found. */

import { t } from '@lingui/core/macro'
import { VisuallyHidden } from '@mantine/core'
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import classes from './test-steps.module.css'

interface ShownStep {
  /** What was tested. */
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  /** What it found, in a sentence. */
  found: string
}

const outcomes = {
  passed: { said: t`passed`, Glyph: IconCheck },
  failed: { said: t`failed`, Glyph: IconX },
  skipped: { said: t`skipped`, Glyph: IconMinus },
}

export function TestSteps({ steps }: { steps: readonly ShownStep[] }) {
  return (
    <ol className={classes['steps']} aria-label={t`Steps of the test`}>
      {steps.map(({ name, outcome, found }) => {
        const { said, Glyph } = outcomes[outcome]
        return (
          <li key={name} className={classes['step']} data-outcome={outcome}>
            <span className={classes['mark']}>
              <Glyph size={16} aria-hidden />
              <VisuallyHidden>{said}: </VisuallyHidden>
            </span>
            <span>{name}</span>
            <span className={classes['found']}>{found}</span>
          </li>
        )
      })}
    </ol>
  )
}
