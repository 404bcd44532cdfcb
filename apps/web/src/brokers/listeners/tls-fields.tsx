/** TLS of a listener, and its server certificate. */

import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { CertificateMount } from '@gatehouse/contract/brokers/server-certificates'
import { t } from '@lingui/core/macro'
import { Input, SegmentedControl, Select, Switch } from '@mantine/core'
import { Expiry } from '../../ui/expiry.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { FieldGroup, FieldRow } from '../../ui/field-group.tsx'
import type { ListenerFieldsProps } from './listener-fields.tsx'
import { Problems } from './listener-problems.tsx'
import { whyNotRenewed } from './listener-words.ts'
import classes from './listeners.module.css'
import { ServerCertificateFields } from './server-certificate-fields.tsx'

const versions = [
  { value: '1.2', label: t`TLS 1.2 or later` },
  { value: '1.3', label: t`TLS 1.3` },
]

const sources = [
  { value: 'common', label: t`Common certificate` },
  { value: 'own', label: t`Its own` },
]

export function TlsFields({ form, problems, listener, isReadOnly = false }: ListenerFieldsProps) {
  const { tls, certificateFrom } = form.values
  return (
    <FieldGroup title={t`Encryption`}>
      <Switch
        label={t`TLS`}
        description={t`Without it, passwords are sent unencrypted, and there are no client certificates.`}
        disabled={isReadOnly}
        {...form.getInputProps('tls', { type: 'checkbox' })}
      />
      {tls && (
        <FieldRow>
          <Select
            label={t`Minimum TLS version`}
            data={versions}
            allowDeselect={false}
            readOnly={isReadOnly}
            {...form.getInputProps('minimumTlsVersion')}
          />
          <Input.Wrapper label={t`Server certificate`} labelElement="div" error={form.errors['serverCertificate']}>
            <SegmentedControl
              fullWidth
              aria-label={t`Server certificate`}
              data={sources}
              disabled={isReadOnly}
              {...form.getInputProps('certificateFrom')}
            />
          </Input.Wrapper>
        </FieldRow>
      )}
      {tls && certificateFrom === 'own' && (
        <>
          <Present certificate={listener?.serverCertificate ?? null} />
          {listener?.certificateMount && <Mount {...listener.certificateMount} />}
          {!isReadOnly && (
            <ServerCertificateFields form={form} replaces={(listener?.serverCertificate ?? null) !== null} />
          )}
        </>
      )}
      <Problems of={problems} fields={['tls', 'minimumTlsVersion', 'serverCertificate']} />
    </FieldGroup>
  )
}

function Mount({ file, problem }: CertificateMount) {
  const why = whyNotRenewed({ certificateMount: { file, problem } })
  return (
    <>
      <div className={classes['overridden']}>
        {t`The server certificate comes from ${file}. When the file changes, the listener uses the new certificate within a minute. A certificate that you enter here replaces it for good.`}
      </div>
      <output className={classes['problems']}>
        {why && (
          <>
            <span>{why}</span>
            <span>{t`The listener keeps the certificate above.`}</span>
          </>
        )}
      </output>
    </>
  )
}

function Present({ certificate }: { certificate: StoredListener['serverCertificate'] }) {
  if (certificate === null) return null
  const { subject, notBefore, notAfter, fingerprint } = certificate
  return (
    <Facts>
      <Fact label={t`Subject`} copy={subject}>
        {subject}
      </Fact>
      <Fact label={t`Expires`}>
        <Expiry notBefore={notBefore} notAfter={notAfter} />
      </Fact>
      <Fact label={t`SHA-256 fingerprint`} copy={fingerprint}>
        <span className={classes['machine']}>{fingerprint}</span>
      </Fact>
    </Facts>
  )
}
