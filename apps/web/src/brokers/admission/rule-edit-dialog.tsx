import { type AdmissionRule, admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { ruleProblemWords } from './rule-columns.tsx'
import { RuleFields } from './rule-fields.tsx'
import { toChanges, toValues } from './rule-values.ts'
import { ruleQuery } from './search.ts'

export function RuleEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const { data: stored } = useSuspenseQuery(ruleQuery(id))
  const readOnly = whyNot(admissionRules.update, { id })
  const edit = useEditForm(ruleQuery(id), admissionRules.update, {
    toValues,
    toReadable: ({ roles, roleNames, authority, authorityName }: AdmissionRule) => ({
      roles: roleNames.map((name, at) => name ?? roles[at]),
      authority: authorityName ?? authority,
    }),
    toInput: (values) => ({ params: { id }, body: toChanges(stored, values) }),
    readOnly,
    onDone: ({ name }) => toast({ message: t`Admission rule ${name} saved.` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { held } = edit
  const roles = held.roles.flatMap((role, at) => {
    const name = held.roleNames[at]
    return [{ id: role, name: name ?? t`deleted role` }]
  })
  return (
    <FormDialog
      title={readOnly ? t`Admission rule` : t`Edit admission rule`}
      subtitle={held.name}
      note={held.problem ? ruleProblemWords(held.problem) : undefined}
      of={edit}
      submit={t`Save`}
    >
      {(form) => <RuleFields form={form} held={roles} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}
