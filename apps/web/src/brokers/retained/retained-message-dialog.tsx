/** One retained message with its payload. */

import { type RetainedMessage, retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toTopic, toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import classes from '../broker.module.css'
import { PayloadView } from '../payload/payload-view.tsx'
import { useClearRetained } from './clear-retained.ts'

export function RetainedMessageDialog({ topic, onClose }: { topic: string; onClose: () => void }) {
  const { data, error } = useQuery({ ...queryFor(retained.view, { search: { topic } }), retry: false })
  const { can, whyNot } = useSession()
  const clear = useClearRetained()

  async function remove(): Promise<void> {
    if (await clear.messages([{ topic }])) onClose()
  }

  return (
    <Dialog
      title={t`Retained message`}
      subtitle={<Machine>{topic}</Machine>}
      width="wide"
      onClose={onClose}
      footer={
        <DialogFoot>
          <GuardedButton variant="default" whyNot={whyNot(retained.clear)} onClick={() => void remove()}>
            <Trans>Delete…</Trans>
          </GuardedButton>
          <Button onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <Problem error={error} />
        {data && (
          <>
            <Facts>
              <Fact label={t`Publisher`}>
                <Publisher message={data.message} />
              </Fact>
              <Fact label={t`Published`}>
                {data.message.publishedAt && <RelativeTime at={data.message.publishedAt} />}
              </Fact>
              <Fact label={t`QoS`}>{String(data.qos)}</Fact>
              <Fact label={t`Expires`}>{data.message.expiresAt && <RelativeTime at={data.message.expiresAt} />}</Fact>
            </Facts>
            <PayloadView payload={data.payload} />
            {can(topics.watch) && (
              <Link {...toTopic(topic)} className={classes['link']}>
                <Trans>View in Topics</Trans>
              </Link>
            )}
          </>
        )}
      </DialogBody>
    </Dialog>
  )
}

function Publisher({ message: { userId, username } }: { message: RetainedMessage }) {
  const { can } = useSession()
  if (username === null) return t`A deleted user`
  if (!can(users.view, { id: userId })) return <Machine>{username}</Machine>
  return (
    <Link {...toUser(userId)} className={classes['link']}>
      <Machine>{username}</Machine>
    </Link>
  )
}
