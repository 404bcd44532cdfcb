import { type AdmissionRule, admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast, toastError } from '../../ui/toast.tsx'

export function useRemoveRule(): (rule: AdmissionRule) => Promise<boolean> {
  const { mutateAsync } = useChange(admissionRules.remove)
  return ({ id, name, version }) =>
    confirm({
      title: t`Delete the admission rule ${name}?`,
      message: t`It admits no further devices. Users that it created stay.`,
      action: t`Delete`,
      run: async () => {
        await mutateAsync({ params: { id }, ifMatch: version })
        toast({ message: t`Admission rule ${name} deleted.` })
      },
    })
}

export function useSwitchRule(): (rule: AdmissionRule) => Promise<void> {
  const { mutateAsync } = useChange(admissionRules.update)
  return async ({ id, name, enabled, version }) => {
    try {
      await mutateAsync({ params: { id }, body: { enabled: !enabled }, ifMatch: version })
      toast({ message: enabled ? t`Admission rule ${name} is off.` : t`Admission rule ${name} is on.` })
    } catch (error) {
      toastError(error)
    }
  }
}
