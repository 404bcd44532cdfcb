/** The dialog of one permission: its meaning, and the users and roles that hold exactly this permission. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { EntityLink } from '../roles/entity-link.tsx'
import { PermissionName } from './permission-name.tsx'
import { permissionSentence } from './permission-words.ts'
import classes from './permissions.module.css'
import { holdersQuery } from './search.ts'

const kindWords = { role: t`role`, user: t`granted directly` }

export function PermissionDetails({ of }: { of: Permission }) {
  const go = useNavigateTo()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(holdersQuery(of))
  const holders = data.pages.flatMap(({ items }) => items)
  const close = () => go(withSearch({ view: undefined }))
  return (
    <Dialog
      title={t`Permission`}
      subtitle={<PermissionName of={of} />}
      onClose={close}
      footer={
        <DialogFoot note={t`Change it where it is granted: in the role or in the user.`}>
          <Button variant="default" onClick={close} data-autofocus>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div>{permissionSentence(of)}.</div>
        {holders.length === 0 && (
          <div>
            <Trans>This permission is no longer granted.</Trans>
          </div>
        )}
        <ul className={classes['holders']} aria-label={t`Held by`}>
          {holders.map(({ kind, id, name }) => (
            <li key={id}>
              <EntityLink kind={kind} id={id} name={name} />
              <span className={classes['aside']}>{kindWords[kind]}</span>
            </li>
          ))}
        </ul>
        {hasNextPage && (
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        )}
      </DialogBody>
    </Dialog>
  )
}
