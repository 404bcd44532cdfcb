import { brokers } from '@gatehouse/contract/brokers/brokers'
import { t } from '@lingui/core/macro'
import { useSession } from '../../api/session.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { BrokerFields } from './broker-fields.tsx'
import { toUpdate, toValues } from './broker-values.ts'
import { kindWords } from './broker-words.ts'
import { brokerOfIdQuery } from './search.ts'

export function BrokerEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const readOnly = whyNot(brokers.update, { id })
  const edit = useEditForm(brokerOfIdQuery(id), brokers.update, {
    toValues,
    toInput: (values) => ({ params: { id }, body: toUpdate(values) }),
    readOnly,
    onDone: ({ name }) => toast({ message: t`Broker ${name} saved.` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { held } = edit
  return (
    <FormDialog
      title={readOnly ? t`Broker` : t`Edit broker`}
      subtitle={`${held.name} · ${kindWords[held.kind]}`}
      of={edit}
      submit={t`Save`}
    >
      {(form) => <BrokerFields form={form} hasPassword={held.hasPassword} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}
