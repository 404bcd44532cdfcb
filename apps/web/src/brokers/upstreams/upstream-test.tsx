/** Tests what stands in the form of an upstream, before it is saved. */

import type { UpstreamTestStep } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { TestSteps } from '../../ui/test-steps.tsx'
import { shownStep } from './upstream-words.ts'
import classes from './upstreams.module.css'

interface UpstreamTestProps {
  run: () => void
  isPending: boolean
  error: unknown
  steps: readonly UpstreamTestStep[] | undefined
  whyNot: string | undefined
  /** A password or a token is stored. */
  hasSecret?: boolean
}

export function UpstreamTest({ run, isPending, error, steps, whyNot, hasSecret = false }: UpstreamTestProps) {
  return (
    <section aria-label={t`Connection test`} className={classes['section']}>
      <div className={classes['test']}>
        <p>
          {hasSecret
            ? t`Tests the settings above. The stored secret is sent only to the stored address and with the stored CAs.`
            : t`Tests the settings above. Nothing is saved.`}
        </p>
        <GuardedButton variant="default" loading={isPending} whyNot={whyNot} onClick={run}>
          <Trans>Test</Trans>
        </GuardedButton>
      </div>
      <Problem error={error} />
      <output>{steps && !isPending && <TestSteps steps={steps.map(shownStep)} />}</output>
    </section>
  )
}
