import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type SyntheticEvent, useState } from 'react'
import type { ListOptionsProps } from './list-options.tsx'
import classes from './list-options-panel.module.css'
import { type ListView, maxSavedFilters, maxSavedNameLength } from './list-view.ts'
import { dialogParameters, useParameters, withOnly } from './search-links.ts'

export function ListOptionsPanel({ view, columns, onDone }: ListOptionsProps & { onDone: () => void }) {
  return (
    <div className={classes['panel']}>
      {columns && <TableOptions view={view} columns={columns} />}
      <SavedFilters view={view} onDone={onDone} />
    </div>
  )
}

interface TableOptionsProps {
  view: ListView
  columns: NonNullable<ListOptionsProps['columns']>
}

function TableOptions({ view, columns }: TableOptionsProps) {
  return (
    <>
      <fieldset>
        <legend>
          <Trans>Columns</Trans>
        </legend>
        {columns.slice(1).map((column) => (
          <Checkbox
            key={column.id}
            size="xs"
            label={column.header}
            checked={!view.isHidden(column)}
            onChange={() => view.toggleColumn(column)}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>
          <Trans>Density</Trans>
        </legend>
        <Checkbox
          size="xs"
          label={t`Compact rows`}
          checked={view.isCompact}
          onChange={(event) => view.setCompact(event.currentTarget.checked)}
        />
      </fieldset>
    </>
  )
}

/** Parameters of the URL that are no filters: the place in the list, and open dialogs. */
const notFilters = ['cursor', ...dialogParameters]

function SavedFilters({ view, onDone }: { view: ListView; onDone: () => void }) {
  const parameters = useParameters()
  const [name, setName] = useState('')
  const current = Object.fromEntries(
    Object.entries(parameters).flatMap(([key, value]) =>
      value === undefined || value === '' || notFilters.includes(key) ? [] : [[key, value]],
    ),
  )
  const isFiltered = Object.keys(current).length > 0
  const isFull = view.saved.length >= maxSavedFilters
  const isReplaced = view.saved.some((saved) => saved.name === name.trim())

  function save(event: SyntheticEvent<HTMLFormElement>): void {
    event.preventDefault()
    view.save({ name: name.trim(), search: current })
    setName('')
  }

  return (
    <fieldset>
      <legend>
        <Trans>Saved filters</Trans>
      </legend>
      {view.saved.length > 0 && (
        <ul>
          {view.saved.map((saved) => (
            <li key={saved.name}>
              <Link {...withOnly(saved.search)} onClick={onDone}>
                {saved.name}
              </Link>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t`Delete the filter ${saved.name}`}
                onClick={() => view.forget(saved.name)}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {isFiltered ? (
        <form className={classes['save']} onSubmit={save}>
          <TextInput
            size="xs"
            aria-label={t`Name of the filter`}
            placeholder={t`Name`}
            maxLength={maxSavedNameLength}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" variant="default" disabled={name.trim() === '' || (isFull && !isReplaced)}>
            <Trans>Save</Trans>
          </Button>
        </form>
      ) : (
        <p>
          <Trans>Filter or sort the list to save the view under a name. It is kept in this browser.</Trans>
        </p>
      )}
    </fieldset>
  )
}
