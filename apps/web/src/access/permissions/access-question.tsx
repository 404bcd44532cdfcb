/** "May one publish to …?": the two fields of the question, and the answer with the lines that decide it. */

import type { Question, Verdict } from '@gatehouse/contract/access/decision'
import type { Permission } from '@gatehouse/contract/access/permission'
import { AccessQuestion } from '@gatehouse/contract/access/permissions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { NativeSelect, TextInput } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { Machine } from '../../ui/badges.tsx'
import { describeField } from '../../ui/field-words.ts'
import classes from './access-question.module.css'
import { accessReasonWords, type Deed, deedNames, deeds } from './access-words.ts'
import { PermissionName } from './permission-name.tsx'
import { operationWords } from './permission-words.ts'

export interface Asking {
  deed: Deed
  resource: string
}

export function useAsking() {
  return useState<Asking>({ deed: 'publish', resource: '' })
}

/** The question as it can be asked; null while it cannot. */
export function questionOf({ deed, resource }: Asking): Question | null {
  const { context, operation } = deeds[deed]
  const question = { context, operation, resource }
  return AccessQuestion.safeParse(question).success ? question : null
}

interface QuestionFieldsProps {
  asking: Asking
  onAsk: (asking: Asking) => void
}

export function QuestionFields({ asking, onAsk }: QuestionFieldsProps) {
  const { deed, resource } = asking
  const { context, operation, example } = deeds[deed]
  const issue = AccessQuestion.safeParse({ context, operation, resource }).error?.issues[0]
  return (
    <div className={classes['question']}>
      <NativeSelect
        aria-label={t`Operation to test`}
        className={classes['deed']}
        data={deedNames.map((value) => ({ value, label: deeds[value].label }))}
        value={deed}
        onChange={(event) => onAsk({ deed: event.currentTarget.value as Deed, resource })}
      />
      <TextInput
        aria-label={t`Topic or path to test`}
        className={classes['resource']}
        classNames={{ input: classes['machine'] ?? '' }}
        placeholder={example}
        autoComplete="off"
        spellCheck={false}
        value={resource}
        error={resource !== '' && issue && describeField(issue.message)}
        onChange={(event) => onAsk({ deed, resource: event.currentTarget.value })}
        // It is a question, not a part of the form.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
    </div>
  )
}

interface AnswerProps<Line extends Permission> {
  verdict: Verdict<Line> | null
  /** The resource that was judged, if it is not the typed one. */
  judged?: string | undefined
  /** Shows the origin of a line beside it. */
  originOf?: (line: Line) => ReactNode
}

export function AccessAnswer<Line extends Permission>({ verdict, judged, originOf }: AnswerProps<Line>) {
  const isAllowed = verdict?.reason === 'permitted'
  return (
    <output className={classes['answer']} data-allowed={verdict ? isAllowed : undefined}>
      {verdict && (
        <>
          {isAllowed ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
          <span>
            {accessReasonWords[verdict.reason]}
            {judged !== undefined && (
              <>
                {' '}
                <Trans>
                  Tested as <Machine>{judged}</Machine>.
                </Trans>
              </>
            )}
          </span>
          {verdict.lines.map((line) => (
            <span key={`${line.operation} ${line.resource}`} className={classes['line']}>
              <PermissionName of={line} />
              <span className={classes['aside']}>{operationWords(line)}</span>
              {originOf?.(line)}
            </span>
          ))}
        </>
      )}
    </output>
  )
}
