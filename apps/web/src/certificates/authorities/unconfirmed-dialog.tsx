/** Asks whether an authority may vouch for users who may do more than the person who limited it. See `api/unconfirmed.ts`. */

import type { Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'

export function UnconfirmedDialog({
  question,
  settle,
}: ModalProps<readonly UnconfirmedAuthority[], keyof Answered | null>) {
  return (
    <Dialog
      title={plural(question.length, { one: 'May this authority vouch?', other: 'May these authorities vouch?' })}
      onClose={() => settle(null)}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={() => settle(null)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="default" onClick={() => settle('decline')} data-autofocus>
            <Trans>Keep out</Trans>
          </Button>
          <Button color="red.8" onClick={() => settle('confirm')}>
            <Trans>Let it vouch</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {question.map((authority) => (
          <Asked key={authority.fingerprint} {...authority} />
        ))}
        <div>
          <Trans>
            <strong>Keep out</strong> saves the change, and certificates of this authority are refused for these users.{' '}
            <strong>Let it vouch</strong> saves the change, and its certificates let them in, as long as they may do no
            more than now.
          </Trans>
        </div>
      </DialogBody>
    </Dialog>
  )
}

function Asked({ name, users, usernames }: UnconfirmedAuthority) {
  const others = users - usernames.length
  const who = plural(users, { one: 'this user', other: 'these users' })
  return (
    <div>
      <Trans>
        <strong>{name}</strong> may vouch for <Machine>{usernames.join(', ')}</Machine>
      </Trans>
      {others > 0 && t` and ${formatNumber(others)} more`}
      <Trans>
        {' '}
        by name. After this change {who} may do more than the person who set its limit. The holder of the authority’s
        key could sign in to the broker as {who}.
      </Trans>
    </div>
  )
}
