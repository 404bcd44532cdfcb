import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'
import { useSession } from '../../api/session.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useFormTest } from '../../ui/form-test.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { upstreamQuery } from './search.ts'
import { UpstreamFields } from './upstream-fields.tsx'
import { UpstreamTest } from './upstream-test.tsx'
import { toUpdate, toValues } from './upstream-values.ts'

export function UpstreamEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const readOnly = whyNot(upstreams.update, { id })
  const edit = useEditForm(upstreamQuery(id), upstreams.update, {
    toValues,
    toReadable: () => ({ secret: null }),
    toInput: (values) => ({ params: { id }, body: toUpdate(values) }),
    readOnly,
    onDone: ({ name }) => toast({ message: t`Upstream ${name} saved. Requests that were running have ended.` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { held } = edit
  const { run, data, ...test } = useFormTest(edit.form, upstreams.test)
  return (
    <FormDialog
      title={readOnly ? t`Upstream` : t`Edit upstream`}
      subtitle={`${held.name} · ${held.origin}`}
      of={edit}
      submit={t`Save`}
    >
      {(form) => (
        <>
          <UpstreamFields form={form} hasSecret={held.hasSecret} isReadOnly={readOnly !== undefined} />
          <UpstreamTest
            {...test}
            steps={data?.steps}
            hasSecret={held.hasSecret}
            whyNot={whyNot(upstreams.test, { id })}
            run={() => run({ params: { id }, body: toUpdate(form.getValues()) })}
          />
        </>
      )}
    </FormDialog>
  )
}
