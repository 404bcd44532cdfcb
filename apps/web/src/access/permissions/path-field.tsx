/** A path: chosen by name from the catalogue, or typed, with wildcards. The line below says which routes it covers. */

import { catalogue } from '@gatehouse/contract/access/catalogue'
import type { Permission } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import {
  Autocomplete,
  type AutocompleteProps,
  type ComboboxItem,
  type ComboboxItemGroup,
  type OptionsFilter,
} from '@mantine/core'
import { pathMeaning } from './paths.ts'
import classes from './permissions-field.module.css'

interface PathFieldProps
  extends Omit<AutocompleteProps, 'data' | 'filter' | 'renderOption' | 'description' | 'onOptionSubmit'> {
  permission: Permission
  /** Called with the only operation that the chosen path has. */
  onOnly: (operation: 'read' | 'write') => void
}

/** An entry for each path; reading and changing are chosen beside it. */
const groups = catalogue.groups.map(({ name, entries }) => ({
  group: name,
  items: [...Map.groupBy(entries, ({ resource }) => resource)].map(([value, alike]) => ({
    value,
    label: value,
    name: value.endsWith('#') ? t`${name}: all` : alike.map((entry) => entry.name).join(', '),
  })),
}))
const names = new Map(groups.flatMap(({ items }) => items.map(({ value, name }) => [value, name])))

export function PathField({ permission, onOnly, ...field }: PathFieldProps) {
  function choose(path: string): void {
    const [only, other] = catalogue.groups.flatMap(({ entries }) => entries).filter(({ resource }) => resource === path)
    if (only && !other) onOnly(only.operation)
  }

  return (
    <Autocomplete
      {...field}
      data={groups}
      onOptionSubmit={choose}
      filter={byNameOrPath}
      description={pathMeaning(permission)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      comboboxProps={{ shadow: 'md' }}
      renderOption={({ option }) => (
        <span className={classes['area']}>
          {names.get(option.value)}
          <span className={classes['machine']}>{option.value}</span>
        </span>
      )}
    />
  )
}

const byNameOrPath: OptionsFilter = ({ options, search }) => {
  const wanted = search.trim().toLowerCase()
  const fits = ({ value }: ComboboxItem) => `${names.get(value)} ${value}`.toLowerCase().includes(wanted)
  return options
    .filter((option): option is ComboboxItemGroup<ComboboxItem> => 'group' in option)
    .map((group) => ({ ...group, items: group.items.filter(fits) }))
    .filter(({ items }) => items.length > 0)
}
