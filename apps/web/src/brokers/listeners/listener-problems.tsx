/** What is wrong with the settings of a listener while they are typed: the server checks them before they are saved. */

import {
  ListenerCreate,
  type ListenerPreview,
  type ListenerProblem,
  listeners,
} from '@gatehouse/contract/brokers/listeners'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { type ListenerValues, toBody } from './listener-values.ts'
import { problemWords } from './listener-words.ts'
import classes from './listeners.module.css'

const typingPauseMs = 400

/** `id`: of the listener that is changed. None while the fields are incomplete. */
export function useProblems(
  { values }: UseFormReturnType<ListenerValues>,
  { id, isEnabled }: { id?: string; isEnabled: boolean },
): ListenerPreview {
  const [typed] = useDebouncedValue(values, typingPauseMs)
  // What is missing of a new certificate is said at its fields.
  const body = toBody(typed, { keepsOwn: true })
  const { data } = useQuery({
    ...(id === undefined
      ? queryFor(listeners.preview, { body })
      : queryFor(listeners.previewUpdate, { params: { id }, body })),
    enabled: isEnabled && ListenerCreate.safeParse(body).success,
    placeholderData: keepPreviousData,
    retry: false,
    // The body may contain a private key.
    gcTime: 0,
  })
  return data ?? nothing
}

const nothing: ListenerPreview = { problems: [], disconnects: null }

interface ProblemsProps {
  of: readonly ListenerProblem[]
  /** The fields above, by the first part of their path. */
  fields: readonly string[]
}

export function Problems({ of: problems, fields }: ProblemsProps) {
  const found = problems.filter(({ field }) => fields.includes(field?.split('.')[0] ?? ''))
  return (
    <output className={classes['problems']}>
      {found.map(({ code, severity }) => (
        <span key={code} data-severity={severity}>
          {problemWords(code)}
        </span>
      ))}
    </output>
  )
}
