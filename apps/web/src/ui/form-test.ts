/** Tests what is typed into a form through a route that stores nothing. Refusals are shown at their fields. */
import type { Input } from '@gatehouse/contract/client'
import type { Answer, Route } from '@gatehouse/contract/route'
import type { UseFormReturnType } from '@mantine/form'
import { useChange } from '../api/queries.ts'
import { fieldErrors } from './route-form.ts'

export interface FormTest<R extends Route> {
  run: (input: Input<R>) => void
  data: Answer<R> | undefined
  isPending: boolean
  error: unknown
}

export function useFormTest<Values extends object, R extends Route>(
  form: UseFormReturnType<Values>,
  route: R,
): FormTest<R> {
  const { mutate, data, isPending, error } = useChange(route)

  function run(input: Input<R>): void {
    if (form.validate().hasErrors) return
    mutate(input, { onError: (refusal) => form.setErrors(fieldErrors(refusal)) })
  }

  return { run, data, isPending, error }
}
