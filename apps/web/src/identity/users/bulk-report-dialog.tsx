/** What a change of many users has done, and whom it left out. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { describeField } from '../../ui/field-words.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import { Problem } from '../../ui/problem.tsx'
import type { Report } from './change-in-slices.ts'

const shownAtMost = 50

export function BulkReportDialog({ question: report, settle }: ModalProps<Report, void>) {
  const { changed, refused, left, error } = report
  const more = refused.length - shownAtMost
  return (
    <Dialog
      title={t`Not all users were changed`}
      onClose={() => settle()}
      footer={
        <DialogFoot>
          <Button onClick={() => settle()} data-autofocus>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <Problem error={error} />
        <p>
          {plural(changed, { one: '# user changed.', other: '# users changed.' })} {disconnectedWords(report)}
        </p>
        {left > 0 && (
          <p>
            {plural(left, {
              one: '# user was not processed. Choose the action again to continue.',
              other: '# users were not processed. Choose the action again to continue.',
            })}
          </p>
        )}
        {refused.length > 0 && (
          <section>
            <p>{plural(refused.length, { one: '# user was left out:', other: '# users were left out:' })}</p>
            <ul aria-label={t`Users that were left out`}>
              {refused.slice(0, shownAtMost).map(({ username, code }) => (
                <li key={username}>
                  <Machine>{username}</Machine>: {describeField(code)}
                </li>
              ))}
            </ul>
            {more > 0 && (
              <p>
                <Trans>and {formatNumber(more)} more</Trans>
              </p>
            )}
          </section>
        )}
      </DialogBody>
    </Dialog>
  )
}
