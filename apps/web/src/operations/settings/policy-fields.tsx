import { Switch } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { WholeNumber } from '../../ui/whole-number.tsx'
import classes from './policies.module.css'
import { boundsWords, type PolicyGroup, type PolicyValues } from './policy-groups.ts'
import { policyNames } from './policy-words.ts'

interface PolicyFieldsProps {
  form: UseFormReturnType<PolicyValues>
  group: PolicyGroup
  isReadOnly: boolean
}

/** One group of policies. */
export function PolicyFields({ form, group: { title, note, fields, switches = [] }, isReadOnly }: PolicyFieldsProps) {
  return (
    <fieldset className={classes['group']}>
      <legend>{title}</legend>
      <p>{note}</p>
      <div className={classes['fields']}>
        {fields.map(({ path, description = '', bounds }) => (
          <WholeNumber
            key={path}
            label={policyNames[path]}
            description={`${boundsWords(bounds)} ${description}`}
            readOnly={isReadOnly}
            {...form.getInputProps(path)}
          />
        ))}
      </div>
      {switches.map(({ path, ...words }) => (
        <Switch
          key={path}
          label={policyNames[path]}
          {...words}
          disabled={isReadOnly}
          {...form.getInputProps(path, { type: 'checkbox' })}
        />
      ))}
    </fieldset>
  )
}
