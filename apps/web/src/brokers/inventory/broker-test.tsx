/** The steps of a test, each with what it found. */

import type { TestStep } from '@gatehouse/contract/brokers/inventory'
import { t } from '@lingui/core/macro'
import { VisuallyHidden } from '@mantine/core'
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { outcomeWords, stepWords } from './broker-words.ts'
import classes from './brokers.module.css'

const outcomes = {
  passed: { said: t`passed`, Glyph: IconCheck },
  failed: { said: t`failed`, Glyph: IconX },
  skipped: { said: t`skipped`, Glyph: IconMinus },
}

export function TestSteps({ steps }: { steps: readonly TestStep[] }) {
  return (
    <ol className={classes['steps']} aria-label={t`Steps of the test`}>
      {steps.map((step) => {
        const { said, Glyph } = outcomes[step.outcome]
        return (
          <li key={step.step} className={classes['step']} data-outcome={step.outcome}>
            <span className={classes['mark']}>
              <Glyph size={16} aria-hidden />
              <VisuallyHidden>{said}: </VisuallyHidden>
            </span>
            <span>{stepWords[step.step]}</span>
            <span className={classes['found']}>{outcomeWords(step)}</span>
          </li>
        )
      })}
    </ol>
  )
}
