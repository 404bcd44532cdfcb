/** The files of one authority, and those of the trust store as a whole. */

import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { pathOf } from '@gatehouse/contract/route'
import { Trans } from '@lingui/react/macro'
import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'
import { lazy, type ReactNode, useState } from 'react'
import { useSession } from '../../api/session.ts'
import { download, fileNameFrom } from '../../ui/download.ts'
import { LateDialog } from '../../ui/late-dialog.tsx'
import classes from './authorities.module.css'

const AuthoritySetup = lazy(() =>
  import('./authority-setup.tsx').then(({ AuthoritySetup: dialog }) => ({ default: dialog })),
)

/** `width`: of the menu, in pixels. */
function DownloadMenu({ width, children }: { width: number; children: ReactNode }) {
  return (
    <Menu position="bottom-end" width={width}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          <Trans>Download</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  )
}

export function DownloadAuthority({ authority: { fingerprint, name } }: { authority: Authority }) {
  const { can } = useSession()
  const [isSetupOpen, setSetupOpen] = useState(false)
  const params = { fingerprint }
  return (
    <>
      <DownloadMenu width={240}>
        <Menu.Item onClick={() => void download(authorities.download, { params }, fileNameFrom(name, 'pem'))}>
          <Trans>PEM</Trans>
        </Menu.Item>
        <Menu.Item component="a" href={pathOf(authorities.downloadDer, params)} download={fileNameFrom(name, 'der')}>
          <Trans>DER</Trans>
        </Menu.Item>
        {can(authorities.chain, params) && (
          <Menu.Item onClick={() => setSetupOpen(true)}>
            <Trans>For Mosquitto, Kubernetes, Helm…</Trans>
          </Menu.Item>
        )}
      </DownloadMenu>
      {isSetupOpen && (
        <LateDialog onClose={() => setSetupOpen(false)}>
          <AuthoritySetup authority={{ fingerprint, name }} onClose={() => setSetupOpen(false)} />
        </LateDialog>
      )}
    </>
  )
}

export function Downloads() {
  const { can } = useSession()
  return (
    <DownloadMenu width={368}>
      {can(authorities.bundle) && (
        <Menu.Item onClick={() => void download(authorities.bundle, {}, 'trust-store.pem')}>
          <Trans>Trust store</Trans>
          <span className={classes['below']}>
            <Trans>
              All trusted CAs as one PEM file, without their username limits. Another broker would accept any username
              from them.
            </Trans>
          </span>
        </Menu.Item>
      )}
      <Menu.Item onClick={() => void download(authorities.builtIn, {}, 'gatehouse-authority.pem')}>
        <Trans>CA of this server</Trans>
        <span className={classes['below']}>
          <Trans>Clients need it as --cafile to trust this broker.</Trans>
        </span>
      </Menu.Item>
    </DownloadMenu>
  )
}
