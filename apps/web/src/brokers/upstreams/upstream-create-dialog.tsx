import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { UpstreamFields } from './upstream-fields.tsx'
import { blank, toCreate, type UpstreamValues } from './upstream-values.ts'

export function UpstreamAdd() {
  const go = useNavigateTo()
  const create = useRouteForm<UpstreamValues, typeof upstreams.create>(upstreams.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toCreate(values) }),
    onDone: ({ name }) => toast({ message: t`Upstream ${name} added.` }),
    onClose: () => go(withSearch({ create: undefined })),
  })
  return (
    <FormDialog title={t`Add upstream`} of={create} submit={t`Create`}>
      {(form) => <UpstreamFields form={form} />}
    </FormDialog>
  )
}
