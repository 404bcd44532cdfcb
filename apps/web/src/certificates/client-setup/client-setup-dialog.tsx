/** The files and settings for the operator of this user's device. */

import { permissions } from '@gatehouse/contract/access/permissions'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { readableTopic } from '../../access/permissions/readable-topic.ts'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { fileNameFrom } from '../../ui/download.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import type { Holder } from '../issued/certificate-dialogs.ts'
import { useEndpoint } from './certificate-guide.tsx'
import { userSnippets } from './client-configs.ts'
import { Snippets } from './snippets.tsx'

const builtInQuery = queryFor(authorities.builtIn, {})

export function ClientSetup({ question: user, settle }: ModalProps<Holder, void>) {
  const { data: caChain } = useSuspenseQuery(builtInQuery)
  const endpoint = useEndpoint()
  const topic = useReadableTopic(user)
  const { username } = user
  const files = { certificate: fileNameFrom(username, 'crt'), key: fileNameFrom(username, 'key') }
  return (
    <Dialog
      title={t`Client setup`}
      subtitle={<Machine>{username}</Machine>}
      width="wide"
      onClose={() => settle()}
      footer={
        <DialogFoot note={t`This contains no secrets. The key stays in the saved file.`}>
          <Button onClick={() => settle()}>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div>
          <Trans>
            In the folder with <Machine>{files.certificate}</Machine>, <Machine>{files.key}</Machine> and{' '}
            <a href="/api/authorities/built-in.pem" download="authority.crt">
              authority.crt
            </a>
            . The device verifies this server with authority.crt.
          </Trans>
        </div>
        <Snippets of={(cluster) => userSnippets({ username, files, endpoint, cluster, topic, caChain })} />
      </DialogBody>
    </Dialog>
  )
}

/** A filter that the user may subscribe to, for the line that tries it. */
function useReadableTopic({ id }: Holder): string {
  const { can } = useSession()
  const { data } = useQuery({
    ...queryFor(permissions.accessOf, { params: { id } }),
    enabled: can(permissions.accessOf, { id }),
  })
  return readableTopic(data?.items ?? []) ?? 'test/#'
}
