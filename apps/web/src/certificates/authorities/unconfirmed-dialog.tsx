/** Asks whether an authority may vouch for users who may do more than the person who limited it. See `api/unconfirmed.ts`. */

import type { Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
import { plural } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Machine } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'

export function UnconfirmedDialog({
  question,
  settle,
}: ModalProps<readonly UnconfirmedAuthority[], keyof Answered | null>) {
  return (
    <Dialog
      title={plural(question.length, { one: 'Allow this CA?', other: 'Allow these CAs?' })}
      onClose={() => settle(null)}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={() => settle(null)}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="default" onClick={() => settle('decline')} data-autofocus>
            <Trans>Refuse</Trans>
          </Button>
          <Button color="red.8" onClick={() => settle('confirm')}>
            <Trans>Allow</Trans>
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
            <strong>Refuse</strong> saves the change, and the broker refuses certificates of this CA for these users.{' '}
            <strong>Allow</strong> saves the change, and the broker admits these users with its certificates, as long as
            they have no more permissions than now.
          </Trans>
        </div>
      </DialogBody>
    </Dialog>
  )
}

function Asked({ name, users, usernames }: UnconfirmedAuthority) {
  const others = users - usernames.length
  return (
    <div>
      <Trans>
        <strong>{name}</strong> allows <Machine>{usernames.join(', ')}</Machine>
      </Trans>
      {others > 0 && <> {plural(others, { one: 'and # more', other: 'and # more' })}</>}.{' '}
      {plural(users, {
        one: 'After this change, this user may do more than the person who limited the CA. With the key of the CA, one could sign in to the broker as this user.',
        other:
          'After this change, these users may do more than the person who limited the CA. With the key of the CA, one could sign in to the broker as these users.',
      })}
    </div>
  )
}
