import { TextInput, type TextInputProps } from '@mantine/core'

interface WholeNumberProps extends Omit<TextInputProps, 'type' | 'step' | 'value' | 'onChange'> {
  /** As `form.getInputProps` hands them over. */
  value?: number | string
  onChange?: (value: number | '') => void
}

/** A whole number in the browser's own field: Mantine's NumberInput brings 9 kB for separators and currencies. */
export function WholeNumber({ value, onChange, ...rest }: WholeNumberProps) {
  return (
    <TextInput
      type="number"
      step={1}
      inputMode="numeric"
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange?.(currentTarget.value === '' ? '' : currentTarget.valueAsNumber)}
      {...rest}
    />
  )
}
