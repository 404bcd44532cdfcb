import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { t } from '@lingui/core/macro'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { ListenerFields } from './listener-fields.tsx'
import { useProblems } from './listener-problems.tsx'
import { blank, type ListenerValues, toBody } from './listener-values.ts'
import { placeOf, whyNotOpen } from './listener-words.ts'

export function ListenerAdd() {
  const go = useNavigateTo()
  const create = useRouteForm<ListenerValues, typeof listeners.create>(listeners.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toBody(values, { keepsOwn: false }) }),
    onDone: (listener) => toast({ message: createdWords(listener) }),
    onClose: () => go(withSearch({ create: undefined })),
  })
  const { problems } = useProblems(create.form, { isEnabled: true })
  return (
    <FormDialog title={t`Add listener`} of={create} submit={t`Create`}>
      {(form) => <ListenerFields form={form} problems={problems} />}
    </FormDialog>
  )
}

function createdWords(listener: StoredListener): string {
  const { name } = listener
  const why = whyNotOpen(listener)
  return why
    ? t`Listener ${name} created, but it is not open: ${why}`
    : t`Listener ${name} is open on ${placeOf(listener)}.`
}
