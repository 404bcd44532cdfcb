/** Asks whether an authority may vouch for users who may do more than the person who limited it. See `api/unconfirmed.ts`. */
import type { Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
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
      title={question.length === 1 ? 'May this authority vouch?' : 'May these authorities vouch?'}
      onClose={() => settle(null)}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={() => settle(null)}>
            Cancel
          </Button>
          <Button variant="default" onClick={() => settle('decline')} data-autofocus>
            Keep out
          </Button>
          <Button color="red.8" onClick={() => settle('confirm')}>
            Let it vouch
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {question.map((authority) => (
          <Asked key={authority.fingerprint} {...authority} />
        ))}
        <div>
          <strong>Keep out</strong> saves the change, and certificates of this authority are refused for these users.{' '}
          <strong>Let it vouch</strong> saves the change, and its certificates let them in, as long as they may do no
          more than now.
        </div>
      </DialogBody>
    </Dialog>
  )
}

function Asked({ name, users, usernames }: UnconfirmedAuthority) {
  const others = users - usernames.length
  const who = users === 1 ? 'this user' : 'these users'
  return (
    <div>
      <strong>{name}</strong> may vouch for <Machine>{usernames.join(', ')}</Machine>
      {others > 0 && ` and ${others.toLocaleString('en')} more`} by name. After this change {who} may do more than the
      person who set its limit. The holder of the authority’s key could sign in to the broker as {who}.
    </div>
  )
}
