import { brokers } from '@gatehouse/contract/brokers/brokers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useSuspenseQuery } from '@tanstack/react-query'
import { toBroker } from '../../links.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useFormTest } from '../../ui/form-test.ts'
import { Problem } from '../../ui/problem.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { TestSteps } from '../../ui/test-steps.tsx'
import { toast } from '../../ui/toast.tsx'
import { BrokerFields } from './broker-fields.tsx'
import { type BrokerValues, blankBroker, toCreate } from './broker-values.ts'
import { shownStep } from './broker-words.ts'
import classes from './brokers.module.css'
import { brokersQuery } from './search.ts'

export function BrokerAdd() {
  const go = useNavigateTo()
  const { kinds } = useSuspenseQuery(brokersQuery).data
  const create = useRouteForm<BrokerValues, typeof brokers.create>(brokers.create, {
    initialValues: blankBroker(kinds[0] ?? 'mosquitto'),
    toInput: (values) => ({ body: toCreate(values) }),
    onDone: ({ id, name }) => {
      toast({ message: t`Broker ${name} added.` })
      go(toBroker(id))
    },
    onClose: () => go(withSearch({ create: undefined })),
  })
  return (
    <FormDialog
      title={t`Add broker`}
      note={t`From then on Gatehouse writes users, roles and CAs there.`}
      of={create}
      submit={kinds.length === 0 ? null : t`Add`}
    >
      {(form) => (
        <>
          <BrokerFields form={form} kinds={kinds} />
          {form.values.kind !== 'mosquitto-agent' && <TestOfDraft form={form} />}
        </>
      )}
    </FormDialog>
  )
}

/** Tests what is typed, and writes nothing there. */
function TestOfDraft({ form }: { form: UseFormReturnType<BrokerValues> }) {
  const { run, data, error, isPending } = useFormTest(form, brokers.testNew)
  return (
    <>
      <div className={classes['edit']}>
        <Button variant="default" loading={isPending} onClick={() => run({ body: toCreate(form.getValues()) })}>
          <Trans>Test</Trans>
        </Button>
      </div>
      <Problem error={error} />
      <output>{data && !isPending && <TestSteps steps={data.steps.map(shownStep)} />}</output>
    </>
  )
}
