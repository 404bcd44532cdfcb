/** One authority: all that its certificate says, and what can be decided about it here. */
import { type Authority, authorities } from '@gatehouse/contract/authorities'
import { broker } from '@gatehouse/contract/broker'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { download, fileNameFrom } from '../api/download.ts'
import { queryFor, useChange } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { Machine } from '../feedback/badges.tsx'
import { Expiry } from '../feedback/expiry.tsx'
import { Fact, Facts } from '../feedback/facts.tsx'
import { exactTime, RelativeTime } from '../feedback/relative-time.tsx'
import { toast } from '../feedback/toast.tsx'
import { FormDialog } from '../form/form-dialog.tsx'
import { useOpened } from '../form/opened.ts'
import { here, useGo } from '../table/here.ts'
import { remarksOn } from '../words/authorities.ts'
import { disconnectedWords } from '../words/consequences.ts'
import classes from './authorities.module.css'
import { AuthorityFields } from './authority-fields.tsx'
import { Remarks } from './inspected-certificates.tsx'
import { authorityQuery } from './search.ts'

export function AuthorityDetails({ fingerprint }: { fingerprint: string }) {
  const go = useGo()
  const { whyNot } = useSession()
  const { value: authority, edition, reload } = useOpened(authorityQuery(fingerprint))
  const update = useChange(authorities.update, { invalidates: [authorities.list, authorities.view, broker.view] })
  const readOnly = whyNot(authorities.update, { fingerprint })
  return (
    <FormDialog
      key={edition}
      title="Authority"
      subtitle={authority.name}
      aside={<DownloadAuthority authority={authority} />}
      note={<Origin authority={authority} />}
      readOnly={readOnly}
      change={update}
      initialValues={{ name: authority.name, usernames: authority.usernames }}
      toInput={(values) => ({
        params: { fingerprint },
        ifMatch: authority.version,
        body: { name: values.name.trim(), usernames: values.usernames },
      })}
      submit="Update"
      onReload={reload}
      onDone={({ name, disconnected }) =>
        toast({ message: `Authority ${name} updated. ${disconnectedWords(disconnected)}` })
      }
      onClose={() => go(here({ view: undefined }))}
    >
      {(form) => (
        <>
          <Remarks remarks={remarksOn(authority)} />
          <AuthorityFields
            form={form}
            isReadOnly={readOnly !== undefined}
            consequence={
              form.isDirty('usernames') && <LimitConsequence authority={authority} to={form.values.usernames} />
            }
          />
          <CertificateFacts authority={authority} />
        </>
      )}
    </FormDialog>
  )
}

/** What the new limit would end, counted by the broker before anything is sent. */
function LimitConsequence({ authority: { fingerprint }, to }: { authority: Authority; to: string[] }) {
  const { data: impact } = useQuery({
    ...queryFor(authorities.impact, { params: { fingerprint }, body: { usernames: to } }),
    placeholderData: (previous) => previous,
    retry: false,
  })
  if (!impact?.connections) return null
  const { connections, usernames } = impact
  return (
    <output className={classes['consequence']}>
      {connections === 1 ? '1 live connection ends' : `${connections.toLocaleString('en')} live connections end`}:{' '}
      <Machine>{usernames.slice(0, 8).join(', ')}</Machine>
      {usernames.length > 8 && ' …'}
    </output>
  )
}

function DownloadAuthority({ authority: { fingerprint, name } }: { authority: Authority }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={() => void download(authorities.download, { params: { fingerprint } }, fileNameFrom(name, 'pem'))}
    >
      Download
    </Button>
  )
}

function Origin({ authority: { builtIn, uploadedBy, uploadedAt } }: { authority: Authority }): ReactNode {
  if (builtIn) return 'Built-in: made at the first start. Its file is what a client gives as --cafile.'
  return (
    <>
      Uploaded by <Machine>{uploadedBy ?? 'somebody unknown'}</Machine> <RelativeTime at={uploadedAt} />
    </>
  )
}

function CertificateFacts({ authority }: { authority: Authority }) {
  const { subject, issuer, selfSigned, serialNumber, notBefore, notAfter, pathLength } = authority
  return (
    <Facts>
      <Fact label="Subject" copy={subject}>
        {subject}
      </Fact>
      <Fact label="Issuer" copy={issuer}>
        {selfSigned ? 'itself' : issuer}
      </Fact>
      <Fact label="Serial number" copy={serialNumber}>
        <Machine>{serialNumber}</Machine>
      </Fact>
      <Fact label="Valid from">
        <time dateTime={notBefore}>{exactTime(notBefore)}</time>
      </Fact>
      <Fact label="Expires">
        <Expiry notBefore={notBefore} notAfter={notAfter} />
      </Fact>
      <Fact label="Key">{authority.keyAlgorithm}</Fact>
      <Fact label="Signature">{authority.signatureAlgorithm}</Fact>
      <Fact label="X.509 version">{authority.x509Version}</Fact>
      <Fact label="Path length">{pathLength === null ? 'no limit' : pathLength}</Fact>
      <Fact label="Key usage">{authority.keyUsage.join(', ')}</Fact>
      <Fact label="Extended key usage">{authority.extendedKeyUsage.join(', ')}</Fact>
      <Fact label="Alternative names">{authority.subjectAlternativeNames.join(', ')}</Fact>
      <MachineFact label="Key identifier" value={authority.subjectKeyIdentifier} />
      <MachineFact label="Issuer’s key identifier" value={authority.authorityKeyIdentifier} />
      <MachineFact label="SHA-256 fingerprint" value={authority.fingerprint} />
      <MachineFact label="SHA-1 fingerprint" value={authority.fingerprintSha1} />
    </Facts>
  )
}

function MachineFact({ label, value }: { label: string; value: string | null }) {
  return (
    <Fact label={label} copy={value}>
      {value && <Machine>{value}</Machine>}
    </Fact>
  )
}
