/** A path: chosen by name from the catalogue, or typed, with wildcards. The line below says which routes it covers. */

import type { Operation, Permission } from '@gatehouse/contract/access/permission'
import {
  Autocomplete,
  type AutocompleteProps,
  type ComboboxItem,
  type ComboboxItemGroup,
  type OptionsFilter,
} from '@mantine/core'
import { namedPaths, onlyOperationOf } from './catalogue-names.ts'
import { pathMeaning } from './paths.ts'
import classes from './permissions-field.module.css'

interface PathFieldProps
  extends Omit<AutocompleteProps, 'data' | 'filter' | 'renderOption' | 'description' | 'onOptionSubmit'> {
  permission: Permission
  /** Called with the only operation that the chosen path has. */
  onOnly: (operation: Operation) => void
}

/** An entry for each path; reading and changing are chosen beside it. */
const groups = namedPaths().map(({ group, paths }) => ({ group, items: paths.map(({ path }) => path) }))
const names = new Map(namedPaths().flatMap(({ paths }) => paths.map(({ path, name }) => [path, name])))

export function PathField({ permission, onOnly, ...field }: PathFieldProps) {
  function choose(path: string): void {
    const only = onlyOperationOf(path)
    if (only) onOnly(only)
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
