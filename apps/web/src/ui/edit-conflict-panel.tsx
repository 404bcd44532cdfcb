/** Where two changes meet: what somebody else did meanwhile, and, where both set the same field, the choice. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Differences } from './differences.tsx'
import type { EditConflict, FieldConflict } from './edit-conflict.ts'
import classes from './edit-conflict-panel.module.css'
import { isSame, valueAt } from './merge.ts'

interface EditConflictPanelProps<Values extends object> {
  conflict: EditConflict<Values>
  form: UseFormReturnType<Values>
  /** What the button of the form says. */
  submit: string
}

export function EditConflictPanel<Values extends object>({
  conflict: { differences, conflicts, theirs },
  form,
  submit,
}: EditConflictPanelProps<Values>) {
  return (
    <div ref={scrollTo} role="alert" className={classes['panel']}>
      <strong>
        <Trans>Someone else saved first.</Trans>
      </strong>
      {differences.length === 0 ? (
        <div>
          <Trans>Their changes do not affect this form. {submit} saves your changes.</Trans>
        </div>
      ) : (
        <>
          <div>
            <Trans>Not saved yet. Their changes have been merged into this form. {submit} saves both.</Trans>
          </div>
          <Differences of={differences} />
        </>
      )}
      {conflicts.map((conflict) => (
        <Choice key={conflict.field} conflict={conflict} form={form} />
      ))}
      <div>
        <Button size="xs" variant="default" disabled={!form.isDirty()} onClick={() => form.setValues(theirs)}>
          <Trans>Discard my changes</Trans>
        </Button>
      </div>
    </div>
  )
}

/** The button that was pressed may be far below. */
function scrollTo(panel: HTMLElement | null): void {
  panel?.scrollIntoView({ block: 'nearest' })
}

interface ChoiceProps<Values extends object> {
  conflict: FieldConflict
  form: UseFormReturnType<Values>
}

function Choice<Values extends object>({ conflict: { field, name, own, theirs }, form }: ChoiceProps<Values>) {
  const now = valueAt(form.getValues(), field)
  const sides = { theirs, own }
  return (
    <div className={classes['choice']}>
      <span>
        <Trans>
          You both changed <strong>{name}</strong>.
        </Trans>
      </span>
      <SegmentedControl
        fullWidth
        orientation="vertical"
        aria-label={t`${name}: which version`}
        data={[
          { value: 'theirs', label: t`Theirs: ${shortly(theirs.lines)}` },
          { value: 'own', label: t`Mine: ${shortly(own.lines)}` },
        ]}
        value={isSame(now, theirs.value) ? 'theirs' : isSame(now, own.value) ? 'own' : ''}
        onChange={(side) => form.setFieldValue(field, sides[side as keyof typeof sides].value as never)}
      />
    </div>
  )
}

const longestLabel = 40

function shortly(lines: readonly string[]): string {
  const text = lines.join(', ') || t`empty`
  return text.length > longestLabel ? `${text.slice(0, longestLabel)}…` : text
}
