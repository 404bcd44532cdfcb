import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { useState } from 'react'
import { toProvider } from '../../links.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useFormTest } from '../../ui/form-test.ts'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import type { ProviderForm } from './field-parts.tsx'
import { firstProduct, startWith } from './products.ts'
import { ProviderFields } from './provider-fields.tsx'
import { ProviderTest } from './provider-test.tsx'
import { type ProviderValues, toCreate } from './provider-values.ts'

const titles: Record<ProviderKind, string> = {
  ldap: t`Add directory`,
  oidc: t`Add OpenID Connect provider`,
}

export function ProviderAdd({ kind }: { kind: ProviderKind }) {
  const go = useNavigateTo()
  const [chosen, choose] = useState(firstProduct[kind])
  const create = useRouteForm<ProviderValues, typeof identityProviders.create>(identityProviders.create, {
    initialValues: startWith(chosen),
    toInput: (values) => ({ body: toCreate(values) }),
    onDone: ({ id, label }) => {
      toast({ message: t`${label} added. Map its groups to roles next.` })
      go(toProvider(id))
    },
    onClose: () => go(withSearch({ create: undefined })),
  })
  return (
    <FormDialog
      title={titles[kind]}
      note={t`People get no roles before you map groups to them.`}
      of={create}
      submit={t`Add`}
    >
      {(form) => (
        <>
          <ProviderFields form={form} product={{ chosen, choose }} />
          <TestOfDraft form={form} />
        </>
      )}
    </FormDialog>
  )
}

/** Tests what is typed. */
function TestOfDraft({ form }: { form: ProviderForm }) {
  const { run, data, ...test } = useFormTest(form, identityProviders.testNew)
  return (
    <ProviderTest
      takesPerson={form.values.kind === 'ldap'}
      run={(person) => run({ body: { provider: toCreate(form.getValues()), ...person } })}
      steps={data?.steps}
      {...test}
    />
  )
}
