/** The page of one person or device: its state, what needs attention, and all that is known of it. */

import { permissions } from '@gatehouse/contract/access/permissions'
import { broker } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { type UserDetails, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Tabs } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { connectionsOf, isOf, UserConnections } from '../../brokers/connections/user-connections.tsx'
import { decisionsOf, KeptDecisions, LatestDecisions } from '../../brokers/decisions/user-decisions.tsx'
import { issueCertificate } from '../../certificates/issued/certificate-dialogs.ts'
import { useWhyNotIssue } from '../../certificates/issued/issued-actions.ts'
import { CertificatesOfUser, certificatesOf, useCertificatesOf } from '../../certificates/issued/user-certificates.tsx'
import { toUsersOfKind } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { useNow } from '../../ui/clock.ts'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { RowIconShapes } from '../../ui/row-icon.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { showTab } from '../../ui/show-tab.ts'
import { type UserSearch, userQuery } from './search.ts'
import { attentionOn } from './user-attention.ts'
import { AttentionList } from './user-attention-list.tsx'
import { cellIcons, KindIcon } from './user-cells.tsx'
import { UserIdentities } from './user-identities.tsx'
import { useUserMenu } from './user-menu.ts'
import { Details, KeyFacts } from './user-overview.tsx'
import classes from './user-page.module.css'
import { RolesBySource } from './user-roles-by-source.tsx'

/** Loaded when it is opened. */
const UserEdit = lazy(() => import('./user-edit-dialog.tsx').then(({ UserEdit: dialog }) => ({ default: dialog })))
const UserAccess = lazy(() => import('./user-access.tsx').then(({ UserAccess: part }) => ({ default: part })))
const UserSessions = lazy(() => import('./user-sessions.tsx').then(({ UserSessions: part }) => ({ default: part })))
const UserTokens = lazy(() => import('../tokens/user-tokens.tsx').then(({ UserTokens: part }) => ({ default: part })))

export async function load({
  context,
  params: { id },
}: Loading<UserSearch> & { params: { id: string } }): Promise<void> {
  const { client, session } = context
  const user = await client.fetchQuery({ ...userQuery(id), staleTime: 0 })
  await Promise.all([
    mayIn(session, broker.connections) && client.ensureQueryData(connectionsOf(user)),
    mayIn(session, broker.decisions) && client.ensureQueryData(decisionsOf(user)),
    mayIn(session, clientCertificates.list) && client.ensureQueryData(certificatesOf(id, 'issued')),
    mayIn(session, clientCertificates.list) && client.ensureQueryData(certificatesOf(id, 'seen')),
  ])
}

const page = getRouteApi('/users/$id')
/** When it was last seen and how many connections it has. */
const everyMs = 5_000

export function UserPage() {
  const { id } = page.useParams()
  const { edit } = page.useSearch()
  const { data: user } = useSuspenseQuery({ ...userQuery(id), refetchInterval: everyMs })
  const go = useNavigateTo()
  const attention = useAttention(user)
  return (
    <>
      <RowIconShapes icons={cellIcons} />
      <UserHeader user={user} />
      <AttentionList items={attention} />
      <KeyFacts user={user} />
      <UserTabs user={user} />
      {edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <UserEdit key={id} id={id} />
        </LateDialog>
      )}
    </>
  )
}

function UserHeader({ user }: { user: UserDetails }) {
  const { id, username, displayName, kind, disabledAt, grantTypes, connections } = user
  const { whyNot } = useSession()
  const whyNotIssue = useWhyNotIssue()
  const go = useNavigateTo()
  const actionsOf = useUserMenu({ onRemoved: () => go(toUsersOfKind(kind)) })
  const isDevice = kind === 'machine'
  return (
    <PageHeader
      help={() => import('./help.ts').then(({ userHelp }) => userHelp)}
      title={username}
      isMachine={isDevice}
      above={<Link {...toUsersOfKind(kind)}>{isDevice ? t`Devices` : t`People`}</Link>}
      aside={
        <span className={classes['state']}>
          <StatusBadge status={disabledAt === null ? 'valid' : 'off'}>
            {disabledAt === null ? t`enabled` : t`disabled`}
          </StatusBadge>
          {connections !== null && connections > 0 && (
            <StatusBadge status="valid">
              <Trans>connected</Trans>
            </StatusBadge>
          )}
        </span>
      }
      description={
        <span className={classes['kind']}>
          <KindIcon kind={kind} size={16} /> {displayName ?? (isDevice ? t`Device` : t`Person`)}
        </span>
      }
      actions={
        <>
          {grantTypes.some(({ method }) => method === 'certificate') && (
            <GuardedButton
              variant="default"
              whyNot={whyNotIssue}
              onClick={() => void issueCertificate.open({ user: { id, username } })}
            >
              <Trans>Issue certificate…</Trans>
            </GuardedButton>
          )}
          <Button onClick={() => go(withSearch({ edit: '' }))}>
            {whyNot(users.update, { id }) ? t`Show` : t`Edit`}
          </Button>
          <RowMenu name={username} actions={actionsOf(user)} />
        </>
      }
    />
  )
}

/** The tabs that this caller may read. The first one needs no more than the page itself. */
function useTabs({ id, grantTypes }: UserDetails) {
  const { can } = useSession()
  const mayHaveSessions = grantTypes.some(({ method }) => method === 'password') && can(sessions.listOf, { id })
  const mayHaveTokens = grantTypes.some(({ method }) => method === 'token') && can(tokens.listOf, { id })
  const tabs = [
    { name: 'overview', label: t`Overview`, isShown: true },
    { name: 'certificates', label: t`Certificates`, isShown: can(clientCertificates.list) },
    { name: 'access', label: t`Effective access`, isShown: can(permissions.accessOf, { id }) },
    { name: 'decisions', label: t`Decisions`, isShown: can(decisions.list) },
    { name: 'sessions', label: t`Sessions and tokens`, isShown: mayHaveSessions || mayHaveTokens },
  ]
  return { tabs: tabs.filter(({ isShown }) => isShown), mayHaveSessions, mayHaveTokens }
}

function UserTabs({ user }: { user: UserDetails }) {
  const { can } = useSession()
  const { tab = 'overview' } = page.useSearch()
  const go = useNavigateTo()
  const { tabs, mayHaveSessions, mayHaveTokens } = useTabs(user)
  const shown = tabs.some(({ name }) => name === tab) ? tab : 'overview'
  return (
    <Tabs
      value={shown}
      keepMounted={false}
      onChange={(name) => go(withSearch({ tab: name === 'overview' ? undefined : (name ?? undefined) }))}
    >
      <Tabs.List className={classes['tabs'] ?? ''}>
        {tabs.map(({ name, label }) => (
          <Tabs.Tab key={name} value={name} ref={name === shown ? showTab : null}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={shown} className={classes['panel'] ?? ''}>
        <Suspense>
          {shown === 'overview' && (
            <div className={classes['columns']}>
              <div>
                <Details user={user} />
                <RolesBySource user={user} />
              </div>
              <div>
                {user.kind === 'person' && <UserIdentities user={user} />}
                {can(broker.connections) && <UserConnections user={user} />}
                {can(broker.decisions) && <LatestDecisions user={user} />}
              </div>
            </div>
          )}
          {shown === 'certificates' && <CertificatesOfUser user={user} />}
          {shown === 'access' && <UserAccess id={user.id} />}
          {shown === 'decisions' && <KeptDecisions user={user} />}
          {shown === 'sessions' && mayHaveSessions && <UserSessions user={user} />}
          {shown === 'sessions' && mayHaveTokens && <UserTokens user={user} />}
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  )
}

function useAttention(user: UserDetails) {
  const { can } = useSession()
  const certificates = useCertificatesOf(user.id)
  const { data: lately } = useQuery({ ...decisionsOf(user), enabled: can(broker.decisions) })
  return attentionOn({ user, certificates, latest: lately?.find(isOf(user)) }, useNow())
}
