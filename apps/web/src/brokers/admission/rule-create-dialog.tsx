import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { RuleFields } from './rule-fields.tsx'
import { blank, patternFor, type RuleValues, toBody } from './rule-values.ts'

interface RuleCreateProps {
  /** Of a device that the rule should admit. Empty: none. */
  username: string
  authority: string | undefined
}

export function RuleCreate({ username, authority = '' }: RuleCreateProps) {
  const go = useNavigateTo()
  const create = useRouteForm<RuleValues, typeof admissionRules.create>(admissionRules.create, {
    initialValues: { ...blank, authority, usernames: username === '' ? [] : [patternFor(username)] },
    toInput: (values) => ({ body: toBody(values) }),
    onDone: ({ name, enabled }) =>
      toast({ message: enabled ? t`Admission rule ${name} is on.` : t`Admission rule ${name} created. It is off.` }),
    onClose: () => go(withSearch({ create: undefined, authority: undefined })),
  })
  return (
    <FormDialog title={t`Add admission rule`} of={create} submit={t`Create`}>
      {(form) => <RuleFields form={form} />}
    </FormDialog>
  )
}
