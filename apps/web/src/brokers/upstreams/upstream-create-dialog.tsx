import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { useSession } from '../../api/session.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useFormTest } from '../../ui/form-test.ts'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { UpstreamFields } from './upstream-fields.tsx'
import { UpstreamTest } from './upstream-test.tsx'
import { blank, toCreate, type UpstreamValues } from './upstream-values.ts'

export function UpstreamAdd() {
  const go = useNavigateTo()
  const create = useRouteForm<UpstreamValues, typeof upstreams.create>(upstreams.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toCreate(values) }),
    onDone: ({ name }) => toast({ message: t`Upstream ${name} added.` }),
    onClose: () => go(withSearch({ create: undefined })),
  })
  const { whyNot } = useSession()
  const { run, data, ...test } = useFormTest(create.form, upstreams.testNew)
  return (
    <FormDialog title={t`Add upstream`} of={create} submit={t`Create`}>
      {(form) => (
        <>
          <UpstreamFields form={form} />
          <UpstreamTest
            {...test}
            steps={data?.steps}
            whyNot={whyNot(upstreams.testNew)}
            run={() => run({ body: toCreate(form.getValues()) })}
          />
        </>
      )}
    </FormDialog>
  )
}
