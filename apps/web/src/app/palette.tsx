/** The command palette: any page, user, role or authority by its name, and frequent actions. It works with the keyboard alone. */
import { plural, t } from '@lingui/core/macro'
import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useId } from 'react'
import { useSession } from '../api/session.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useNavigateTo } from '../ui/search-links.ts'
import classes from './palette.module.css'
import { type Entry, placesAndActions, useFound } from './palette-entries.ts'

interface PaletteProps {
  typed: string
  onType: (typed: string) => void
  onClose: () => void
}

export function Palette(props: PaletteProps) {
  return (
    <Dialog title={t`Go to`} onClose={props.onClose}>
      <Places {...props} />
    </Dialog>
  )
}

function Places({ typed, onType, onClose }: PaletteProps) {
  const { can } = useSession()
  const go = useNavigateTo()
  const listId = useId()
  const { found, isSearching } = useFound(typed)
  const groups = [...placesAndActions(can, typed), ...found].filter(({ entries }) => entries.length > 0)
  const entries = groups.flatMap((group) => group.entries)
  // It is open as long as the dialog is.
  const combobox = useCombobox({ opened: true, onDropdownClose: onClose })
  const names = entries.map(({ id }) => id).join(' ')

  // Synchronises with the list on the page: Enter takes the first entry.
  useEffect(() => {
    if (names !== '') combobox.selectFirstOption()
    // oxlint-disable-next-line react/exhaustive-deps -- the combobox is another object each time, and always the same one
  }, [names])

  function take(id: string): void {
    const entry = entries.find((each) => each.id === id)
    if (!entry) return
    onClose()
    go(entry.link)
  }

  return (
    <Combobox store={combobox} onOptionSubmit={take}>
      <div className={classes['search']}>
        <Combobox.EventsTarget withExpandedAttribute aria-controls={listId}>
          <TextInput
            type="search"
            data-autofocus
            aria-label={t`Page, user, role, CA or action`}
            placeholder={t`Page, user, role, CA or action`}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => onType(event.currentTarget.value)}
          />
        </Combobox.EventsTarget>
      </div>
      <Combobox.Options id={listId} className={classes['options'] ?? ''} aria-label={t`Search`}>
        {groups.map(({ label, entries: those }) => (
          <Combobox.Group key={label} label={label}>
            {those.map((entry) => (
              <Option key={entry.id} entry={entry} />
            ))}
          </Combobox.Group>
        ))}
      </Combobox.Options>
      <output className={classes['said']}>{saidOf(entries.length, isSearching)}</output>
    </Combobox>
  )
}

function Option({ entry: { id, icon: Glyph, label, aside } }: { entry: Entry }) {
  return (
    <Combobox.Option value={id} className={classes['option'] ?? ''}>
      <Glyph size={16} stroke={1.6} aria-hidden />
      <span className={classes['label']}>{label}</span>
      {aside && <span className={classes['aside']}>{aside}</span>}
    </Combobox.Option>
  )
}

function saidOf(count: number, isSearching: boolean): string {
  if (isSearching) return t`Searching…`
  if (count === 0) return t`No results`
  return plural(count, { one: '# result', other: '# results' })
}
