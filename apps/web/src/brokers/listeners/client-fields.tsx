/** Which client certificates a listener accepts, and what names the user. */

import { t } from '@lingui/core/macro'
import { Input, SegmentedControl, Select } from '@mantine/core'
import { FieldGroup, FieldRow } from '../../ui/field-group.tsx'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import type { ListenerFieldsProps } from './listener-fields.tsx'
import { Problems } from './listener-problems.tsx'
import { clientCertificateWords, identityWords } from './listener-words.ts'
import { Overridden } from './overridden.tsx'
import { TrustedAuthoritiesField } from './trusted-authorities-field.tsx'

const loadIdentityHelp: LoadHelp = () => import('./help.ts').then(({ identityHelp }) => identityHelp)

const trustChoices = [
  { value: 'all', label: t`All trusted CAs` },
  { value: 'chosen', label: t`Only chosen ones` },
]

export function ClientFields({ form, problems, listener, isReadOnly = false }: ListenerFieldsProps) {
  const { clientCertificate, trusts } = form.values
  const asks = clientCertificate !== 'ignored'
  return (
    <FieldGroup title={t`Clients`}>
      <FieldRow>
        <Select
          label={t`Client certificate`}
          description={aboutRule[clientCertificate]}
          data={Object.entries(clientCertificateWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('clientCertificate')}
        />
        {asks && (
          <Select
            label={t`Identified by`}
            description={
              <>
                {aboutIdentity[form.values.identity]} <HelpLink about={t`Identified by`} load={loadIdentityHelp} />
              </>
            }
            data={Object.entries(identityWords).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            readOnly={isReadOnly}
            {...form.getInputProps('identity')}
          />
        )}
      </FieldRow>
      <Overridden listener={listener} fields={['clientCertificate']} />
      {asks && (
        <Input.Wrapper label={t`Trusted CAs`} labelElement="div">
          <SegmentedControl
            fullWidth
            aria-label={t`Trusted CAs`}
            data={trustChoices}
            disabled={isReadOnly}
            {...form.getInputProps('trusts')}
          />
        </Input.Wrapper>
      )}
      {asks && trusts === 'chosen' && (
        <TrustedAuthoritiesField form={form} isReadOnly={isReadOnly} missing={listener?.missingAuthorities ?? []} />
      )}
      <Problems of={problems} fields={['clientCertificate', 'identity', 'trustedAuthorities']} />
    </FieldGroup>
  )
}

const aboutRule = {
  required: t`Clients without one are refused in the handshake.`,
  accepted: t`Clients without one sign in with a password.`,
  ignored: t`Clients sign in with a password.`,
}

const aboutIdentity = {
  certificate: t`A client without a certificate gives username and password.`,
  password: t`The certificate is checked besides and names no user.`,
}
