/** The way of a new installation to its first connected device. Each step says what is there already, the last one watches the broker. */

import { roles } from '@gatehouse/contract/access/roles'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { type User, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { clientSetup, issueCertificate } from '../../certificates/issued/certificate-dialogs.ts'
import { toAuthorityUpload, toConnections, toNewDevice, toNewRole, toRefusals, toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { Section } from '../../ui/section.tsx'
import classes from './first-steps.module.css'
import { newestDeviceQuery } from './search.ts'

const everyMs = 2_000

export function FirstSteps() {
  const { can } = useSession()
  const { data } = useQuery({ ...newestDeviceQuery, enabled: can(users.list) })
  const device = data?.items[0]
  const name = device?.username ?? ''
  const hasCertificate = useHasCertificate(device)
  const isConnected = useIsConnected(device)
  const hasTopics = device !== undefined && (device.roles.length > 0 || device.permissions.length > 0)
  return (
    <Section title={t`First steps`}>
      <ol className={classes['steps']}>
        <Step title={t`Add a device`} isDone={device !== undefined}>
          {device ? (
            <p>
              <Trans>
                <Machine>{name}</Machine> was added.
              </Trans>
            </p>
          ) : (
            <>
              <p>
                <Trans>Its username is the Common Name of its certificate.</Trans>
              </p>
              {can(users.create) && (
                <Link {...toNewDevice('device001')}>
                  <Trans>Add device</Trans>
                </Link>
              )}
            </>
          )}
        </Step>
        <Step title={t`Allow its topics`} isDone={hasTopics}>
          <p>
            <Trans>
              A role says to which topics a device may publish and subscribe. Without one it can connect, and no more.
            </Trans>
          </p>
          {!hasTopics && device && can(users.update, { id: device.id }) && (
            <Link {...toUser(device.id)}>
              <Trans>Choose a role</Trans>
            </Link>
          )}
          {!hasTopics && can(roles.create) && (
            <Link {...toNewRole()}>
              <Trans>Create role</Trans>
            </Link>
          )}
        </Step>
        <Step title={t`Give it a certificate`} isDone={hasCertificate}>
          <p>
            <Trans>The built-in CA issues one, or you upload the CA that signs your certificates.</Trans>
          </p>
          {!hasCertificate && device && can(clientCertificates.create) && (
            <Button size="compact-sm" variant="default" onClick={() => void issueCertificate.open({ user: device })}>
              <Trans>Issue certificate</Trans>
            </Button>
          )}
          {!hasCertificate && can(authorities.create) && (
            <Link {...toAuthorityUpload()}>
              <Trans>Upload CA</Trans>
            </Link>
          )}
        </Step>
        <Step title={t`Connect it`} isDone={isConnected}>
          {isConnected ? (
            <p>
              <Trans>
                <Machine>{name}</Machine> is connected. <Link {...toConnections()}>View connections</Link>
              </Trans>
            </p>
          ) : (
            <>
              <p>
                <Trans>
                  The client setup has the commands to paste. This step is done as soon as the device is connected.
                </Trans>
              </p>
              {device && (
                <Button size="compact-sm" variant="default" onClick={() => void clientSetup.open(device)}>
                  <Trans>Client setup</Trans>
                </Button>
              )}
              {device && <Waiting device={device} />}
            </>
          )}
        </Step>
      </ol>
    </Section>
  )
}

interface StepProps {
  title: string
  isDone: boolean
  children: ReactNode
}

function Step({ title, isDone, children }: StepProps) {
  return (
    <li data-done={isDone || undefined}>
      <h3>
        {title}
        {isDone && (
          <span className={classes['done']}>
            <IconCheck size={16} aria-hidden /> <Trans>Done</Trans>
          </span>
        )}
      </h3>
      <div className={classes['content']}>{children}</div>
    </li>
  )
}

/** A certificate of any origin: issued here, or by a CA that was uploaded. */
function useHasCertificate(device: User | undefined): boolean {
  const { can } = useSession()
  const issued = useQuery({
    ...queryFor(clientCertificates.list, { search: { 'user[eq]': device?.id, limit: 1 } }),
    enabled: device !== undefined && can(clientCertificates.list),
  })
  const trusted = useQuery({
    ...queryFor(authorities.list, { search: { limit: 2 } }),
    enabled: can(authorities.list),
  })
  // The built-in CA is always there.
  return (issued.data?.items.length ?? 0) > 0 || (trusted.data?.items.length ?? 0) > 1
}

function useIsConnected(device: User | undefined): boolean {
  const { can } = useSession()
  const { data } = useQuery({
    ...queryFor(broker.connections, { search: { search: device?.username } }),
    enabled: device !== undefined && can(broker.connections),
    refetchInterval: everyMs,
  })
  return data?.items.some(({ userId }) => userId === device?.id) ?? false
}

/** The last refusal of the device, which is what a first attempt usually ends with. */
function Waiting({ device: { id, username, createdAt } }: { device: User }) {
  const { can } = useSession()
  const { data } = useQuery({
    ...queryFor(broker.decisions, { search: { search: username, 'outcome[eq]': 'refused' } }),
    enabled: can(broker.decisions),
    refetchInterval: everyMs,
  })
  const isRefused = data?.items.some(({ userId }) => userId === id) ?? false
  return (
    <output className={classes['waiting']} data-refused={isRefused || undefined}>
      {isRefused ? (
        <>
          <Trans>
            The broker refused it. <Link {...toRefusals(createdAt)}>View the reason</Link>
          </Trans>
        </>
      ) : (
        <>
          <Trans>
            Waiting for <Machine>{username}</Machine>…
          </Trans>
        </>
      )}
    </output>
  )
}
