/** The page of one authority: its name, notes and allowed usernames, its chain and CRL, and the content of its certificate. */

import { type Authority, type AuthorityDetails, authorities } from '@gatehouse/contract/certificates/authorities'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { AuthorityDeployments } from '../../brokers/cedalo/deployments-section.tsx'
import { BrokerDifferences } from '../../brokers/inventory/broker-differences.tsx'
import { toAuthorities, toAuthority } from '../../links.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { EditConflictPanel } from '../../ui/edit-conflict-panel.tsx'
import { useEditForm } from '../../ui/edit-form.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { useNavigateTo } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import classes from './authorities.module.css'
import { Names, useAuthorityActions } from './authority-actions.tsx'
import { AuthorityFields } from './authority-fields.tsx'
import { limitLines } from './authority-impact.ts'
import { remarksOn } from './authority-words.ts'
import { CertificateFacts } from './certificate-facts.tsx'
import { ChainTree } from './chain-tree.tsx'
import { DownloadAuthority } from './downloads.tsx'
import { Remarks } from './inspected-certificates.tsx'
import { LimitedBy } from './limited-by.tsx'
import { authorityQuery, chainQuery } from './search.ts'
import { TrustingListeners } from './trusting-listeners.tsx'

const AuthorityCrls = lazy(() =>
  import('../crls/authority-crls.tsx').then(({ AuthorityCrls: section }) => ({ default: section })),
)

interface AuthorityValues {
  name: string
  notes: string
  usernames: string[]
}

export async function load({ context, params }: Loading & { params: { fingerprint: string } }): Promise<void> {
  const { client, session } = context
  const { fingerprint } = params
  await Promise.all([
    client.fetchQuery({ ...authorityQuery(fingerprint), staleTime: 0 }),
    mayIn(session, authorities.chain, params) && client.ensureQueryData(chainQuery(fingerprint)),
  ])
}

const page = getRouteApi('/authorities/$fingerprint')
const limit = ['limit'] as const

export function AuthorityPage() {
  const { fingerprint } = page.useParams()
  return <OfAuthority key={fingerprint} fingerprint={fingerprint} />
}

function OfAuthority({ fingerprint }: { fingerprint: string }) {
  const { whyNot } = useSession()
  const readOnly = whyNot(authorities.update, { fingerprint })
  const edit = useEditForm(authorityQuery(fingerprint), authorities.update, {
    toValues,
    toInput: (values) => ({
      params: { fingerprint },
      body: { name: values.name.trim(), notes: values.notes.trim() || null, usernames: values.usernames },
    }),
    readOnly,
    onDone: ({ name, ...ended }) => toast({ message: t`CA ${name} updated. ${disconnectedWords(ended)}` }),
  })
  const { form, current, conflict, error, isPending } = edit
  return (
    <>
      <AuthorityHeader authority={current} />
      <div className={classes['remarksOfPage']}>
        <Remarks remarks={remarksOn(current)} />
      </div>
      <div className={classes['pageColumns']}>
        <div>
          <Section title={t`Trust`}>
            <form className={classes['trust']} onSubmit={edit.onSubmit} noValidate>
              <Problem error={error} />
              {conflict && <EditConflictPanel conflict={conflict} form={form} submit={t`Save`} />}
              <AuthorityFields
                form={form}
                isReadOnly={readOnly !== undefined}
                consequence={
                  form.isDirty('usernames') ? (
                    <LimitConsequence authority={current} to={form.values.usernames} />
                  ) : (
                    <LimitedBy authority={current} onTaken={edit.refresh} />
                  )
                }
              />
              <BrokerDifferences decided={form.values.usernames.length > 0 ? limit : []} />
              <Textarea
                label={t`Notes`}
                autosize
                minRows={1}
                maxRows={8}
                readOnly={readOnly !== undefined}
                {...form.getInputProps('notes')}
              />
              {readOnly ? (
                <div className={classes['readOnly']}>{readOnly}</div>
              ) : (
                <div>
                  <Button type="submit" loading={isPending} disabled={!form.isDirty()}>
                    <Trans>Save</Trans>
                  </Button>
                </div>
              )}
            </form>
          </Section>
          <Chain fingerprint={fingerprint} />
          <TrustingListeners authority={current} />
          <AuthorityDeployments authority={current} />
          <Suspense>
            <AuthorityCrls authority={current} />
          </Suspense>
        </div>
        <Section title={t`Certificate`}>
          <CertificateFacts of={current} />
        </Section>
      </div>
    </>
  )
}

function AuthorityHeader({ authority }: { authority: AuthorityDetails }) {
  const go = useNavigateTo()
  const actionsOf = useAuthorityActions({ onRemoved: () => go(toAuthorities()) })
  const { name, builtIn, withdrawnAt, connections, users } = authority
  return (
    <PageHeader
      help={() => import('./help.ts').then(({ authorityHelp }) => authorityHelp)}
      title={name}
      above={
        <Link {...toAuthorities()}>
          <Trans>Authorities</Trans>
        </Link>
      }
      aside={
        <>
          <StatusBadge status={withdrawnAt === null ? 'valid' : 'off'}>
            {withdrawnAt === null ? t`trusted` : t`not trusted`}
          </StatusBadge>
          {builtIn && (
            <StatusBadge status="off">
              <Trans>built-in</Trans>
            </StatusBadge>
          )}
        </>
      }
      description={
        <>
          <Origin authority={authority} /> {countWords(connections, users)}
        </>
      }
      actions={
        <>
          <DownloadAuthority authority={authority} />
          <RowMenu name={name} actions={actionsOf(authority)} />
        </>
      }
    />
  )
}

/** Numbers of which the caller may see neither are left out. */
function countWords(connections: number | null, users: number | null): string {
  const parts = [
    connections !== null && plural(connections, { one: '# live connection', other: '# live connections' }),
    users !== null && plural(users, { one: '# user', other: '# users' }),
  ].filter(Boolean)
  return parts.length === 0 ? '' : `· ${parts.join(' · ')}`
}

function toValues({ name, notes, usernames }: Authority): AuthorityValues {
  return { name, notes: notes ?? '', usernames }
}

/** Its chain; nothing if it is the only member. */
function Chain({ fingerprint }: { fingerprint: string }) {
  const { can } = useSession()
  const { data: chain } = useQuery({ ...chainQuery(fingerprint), enabled: can(authorities.chain, { fingerprint }) })
  if (!chain || (chain.nodes.length === 1 && chain.unknownIssuer === null)) return null
  return (
    <Section title={t`Chain`}>
      <ChainTree chain={chain} linkOf={toAuthority} />
    </Section>
  )
}

const typingPauseMs = 300

/** What the new limit would end, counted by the broker before anything is sent. */
function LimitConsequence({ authority: { fingerprint }, to }: { authority: Authority; to: string[] }) {
  const [usernames] = useDebouncedValue(to, typingPauseMs)
  const { data: impact, isError } = useQuery({
    ...queryFor(authorities.impact, { params: { fingerprint }, body: { usernames } }),
    retry: false,
  })
  if (usernames !== to) return null
  if (isError)
    return <output className={classes['consequence']}>{t`What this limit ends could not be counted.`}</output>
  const lines = impact ? limitLines(impact) : []
  if (lines.length === 0) return null
  return (
    <output className={classes['consequence']}>
      {lines.map(({ text, names }) => (
        <span key={text}>
          {text} {names.length > 0 && <Names names={names} count={names.length} />}
        </span>
      ))}
    </output>
  )
}

function Origin({ authority: { builtIn, uploadedBy, uploadedAt } }: { authority: Authority }): ReactNode {
  if (builtIn) return t`Built-in, generated at the first start. Clients need its file as --cafile.`
  return (
    <Trans>
      Uploaded by <Machine>{uploadedBy ?? t`an unknown user`}</Machine> <RelativeTime at={uploadedAt} />
    </Trans>
  )
}
