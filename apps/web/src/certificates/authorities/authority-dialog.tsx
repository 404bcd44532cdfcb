/** The dialog of one authority: the content of its certificate, its chain, its CRL, and its name, notes and allowed usernames. */

import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { pathOf } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Menu, Textarea } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { download, fileNameFrom } from '../../ui/download.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import classes from './authorities.module.css'
import { AuthorityFields } from './authority-fields.tsx'
import { limitLines } from './authority-impact.ts'
import { remarksOn } from './authority-words.ts'
import { CertificateFacts } from './certificate-facts.tsx'
import { ChainTree } from './chain-tree.tsx'
import { Remarks } from './inspected-certificates.tsx'
import { LimitedBy } from './limited-by.tsx'
import { authorityQuery, chainQuery } from './search.ts'

const AuthorityCrls = lazy(() =>
  import('../crls/authority-crls.tsx').then(({ AuthorityCrls: section }) => ({ default: section })),
)

const AuthoritySetup = lazy(() =>
  import('./authority-setup.tsx').then(({ AuthoritySetup: dialog }) => ({ default: dialog })),
)

interface AuthorityValues {
  name: string
  notes: string
  usernames: string[]
}

export function AuthorityDialog({ fingerprint }: { fingerprint: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const readOnly = whyNot(authorities.update, { fingerprint })
  const edit = useEditForm(authorityQuery(fingerprint), authorities.update, {
    toValues,
    toInput: (values) => ({
      params: { fingerprint },
      body: { name: values.name.trim(), notes: values.notes.trim() || null, usernames: values.usernames },
    }),
    readOnly,
    onDone: ({ name, disconnected }) => toast({ message: t`CA ${name} updated. ${disconnectedWords(disconnected)}` }),
    onClose: () => go(withSearch({ view: undefined })),
  })
  const authority = edit.held
  return (
    <FormDialog
      title={t`CA`}
      subtitle={authority.name}
      aside={<DownloadAuthority authority={authority} />}
      note={<Origin authority={authority} />}
      of={edit}
      submit={t`Save`}
    >
      {(form) => (
        <>
          <Remarks remarks={remarksOn(authority)} />
          <AuthorityFields
            form={form}
            isReadOnly={readOnly !== undefined}
            consequence={
              form.isDirty('usernames') ? (
                <LimitConsequence authority={authority} to={form.values.usernames} />
              ) : (
                <LimitedBy authority={authority} onTaken={edit.refresh} />
              )
            }
          />
          <Textarea
            label={t`Notes`}
            autosize
            minRows={1}
            maxRows={8}
            readOnly={readOnly !== undefined}
            {...form.getInputProps('notes')}
          />
          <Chain fingerprint={fingerprint} />
          <Suspense>
            <AuthorityCrls authority={authority} />
          </Suspense>
          <CertificateFacts of={authority} />
        </>
      )}
    </FormDialog>
  )
}

function toValues({ name, notes, usernames }: Authority): AuthorityValues {
  return { name, notes: notes ?? '', usernames }
}

/** Its chain; nothing if it is the only member. */
function Chain({ fingerprint }: { fingerprint: string }) {
  const { can } = useSession()
  const { data: chain } = useQuery({ ...chainQuery(fingerprint), enabled: can(authorities.chain, { fingerprint }) })
  if (!chain || (chain.nodes.length === 1 && chain.unknownIssuer === null)) return null
  return <ChainTree chain={chain} linkOf={(other) => withSearch({ view: other })} />
}

const fewNames = 8

/** What the new limit would end, counted by the broker before anything is sent. */
function LimitConsequence({ authority: { fingerprint }, to }: { authority: Authority; to: string[] }) {
  const { data: impact } = useQuery({
    ...queryFor(authorities.impact, { params: { fingerprint }, body: { usernames: to } }),
    placeholderData: (previous) => previous,
    retry: false,
  })
  const lines = impact ? limitLines(impact) : []
  if (lines.length === 0) return null
  return (
    <output className={classes['consequence']}>
      {lines.map(({ text, names }) => (
        <span key={text}>
          {text} {names.length > 0 && <Few names={names} />}
        </span>
      ))}
    </output>
  )
}

function Few({ names }: { names: readonly string[] }) {
  return (
    <>
      <Machine>{names.slice(0, fewNames).join(', ')}</Machine>
      {names.length > fewNames && ' …'}
    </>
  )
}

function DownloadAuthority({ authority: { fingerprint, name } }: { authority: Authority }) {
  const { can } = useSession()
  const [isSetupOpen, setSetupOpen] = useState(false)
  const params = { fingerprint }
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            <Trans>Download</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
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
        </Menu.Dropdown>
      </Menu>
      {isSetupOpen && (
        <LateDialog onClose={() => setSetupOpen(false)}>
          <AuthoritySetup authority={{ fingerprint, name }} onClose={() => setSetupOpen(false)} />
        </LateDialog>
      )}
    </>
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
