import { identityProviders } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { useSession } from '../../api/session.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useFormTest } from '../../ui/form-test.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { DisablingNote } from './disabling-note.tsx'
import type { ProviderForm } from './field-parts.tsx'
import { ProviderFields } from './provider-fields.tsx'
import { ProviderTest } from './provider-test.tsx'
import { toUpdate, toValues } from './provider-values.ts'
import { kindWords } from './provider-words.ts'
import { providerQuery } from './search.ts'

export function ProviderEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const readOnly = whyNot(identityProviders.update, { id })
  const edit = useEditForm(providerQuery(id), identityProviders.update, {
    toValues,
    toReadable: () => ({ secret: null }),
    toInput: (values) => ({ params: { id }, body: toUpdate(values) }),
    readOnly,
    onDone: ({ label }) => toast({ message: t`${label} saved.` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { held } = edit
  return (
    <FormDialog
      title={readOnly ? t`Identity provider` : t`Edit identity provider`}
      subtitle={`${held.kind}:${held.name} · ${kindWords[held.kind]}`}
      of={edit}
      submit={t`Save`}
      note={<DisablingNote provider={held} form={edit.form} />}
    >
      {(form) => (
        <>
          <ProviderFields form={form} hasSecret={held.hasSecret} isReadOnly={readOnly !== undefined} />
          {!readOnly && <TestOfChanges id={id} form={form} />}
        </>
      )}
    </FormDialog>
  )
}

/** Tests what is typed, with the stored secret where it still belongs to the address. */
function TestOfChanges({ id, form }: { id: string; form: ProviderForm }) {
  const { run, data, ...test } = useFormTest(form, identityProviders.test)
  return (
    <ProviderTest
      takesPerson={form.values.kind === 'ldap'}
      run={(person) => run({ params: { id }, body: { changes: toUpdate(form.getValues()), ...person } })}
      steps={data?.steps}
      {...test}
    />
  )
}
