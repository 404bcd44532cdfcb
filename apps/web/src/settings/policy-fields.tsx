import { NumberInput, Switch } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import classes from './policies.module.css'
import { boundsWords, type PolicyGroup, type PolicyValues } from './policy-groups.ts'

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
        {fields.map(({ path, label, description = '', bounds }) => (
          <NumberInput
            key={path}
            label={label}
            description={`${boundsWords(bounds)} ${description}`}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            allowDecimal={false}
            allowNegative={false}
            readOnly={isReadOnly}
            {...form.getInputProps(path)}
          />
        ))}
      </div>
      {switches.map(({ path, ...words }) => (
        <Switch key={path} {...words} disabled={isReadOnly} {...form.getInputProps(path, { type: 'checkbox' })} />
      ))}
    </fieldset>
  )
}
