import type { Permission } from '@gatehouse/contract/access/permission'
import { type TokenMade, tokens } from '@gatehouse/contract/identity/tokens'
import { t } from '@lingui/core/macro'
import { TextInput } from '@mantine/core'
import { everyRow } from '../../access/permissions/permissions-field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { shownToken } from './shown-token.ts'
import { LifeField, RightsField } from './token-fields.tsx'
import { endOfLife, type TokenLife } from './token-words.ts'

export interface TokenValues {
  label: string
  life: TokenLife
  /** Where `life` is a day of one's choice: `2031-03-02`. */
  expiresAt: string
  scope: 'all' | 'some'
  permissions: Permission[]
}

const blank: TokenValues = { label: '', life: '30', expiresAt: '', scope: 'all', permissions: [] }

export function TokenCreate() {
  const go = useNavigateTo()
  const create = useRouteForm(tokens.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toBody(values) }),
    checkAsTyped: [`permissions.${everyRow}.resource`],
    onDone: (made: TokenMade) => void shownToken.open(made),
    onClose: () => go(withSearch({ create: undefined })),
  })
  return (
    <FormDialog
      title={t`Create token`}
      note={t`Its secret is shown once, after you create it.`}
      of={create}
      submit={t`Create`}
    >
      {(form) => (
        <>
          <TextInput
            label={t`Purpose`}
            description={t`Shown in the list and in the audit log.`}
            placeholder={t`Nightly import`}
            data-autofocus
            autoComplete="off"
            {...form.getInputProps('label')}
          />
          <LifeField form={form} />
          <RightsField form={form} />
        </>
      )}
    </FormDialog>
  )
}

function toBody({ label, life, expiresAt, scope, permissions }: TokenValues) {
  return {
    label: label.trim(),
    expiresAt: endOfLife(life, expiresAt, Date.now()),
    permissions: scope === 'all' ? null : permissions,
  }
}
