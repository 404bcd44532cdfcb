import { t } from '@lingui/core/macro'
import { Menu } from '@mantine/core'
import { type ComponentProps, type RefObject, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { RowAction } from './column.ts'
import classes from './row-menu.module.css'
import { useNavigateTo } from './search-links.ts'

interface RowMenuProps {
  name: string
  actions: readonly RowAction[]
}

/**
 * The actions of one row. A disabled entry says why. The menu is rendered when it is first opened, and until then the
 * button is a plain one: the menus of a page would cost as much as its rows.
 */
export function RowMenu({ name, actions }: RowMenuProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [isMade, setMade] = useState(false)
  const [isOpen, setOpen] = useState(false)

  function make(): void {
    // When the menu closes, it returns the focus to the element that had it, which must be its own button.
    flushSync(() => setMade(true))
    button.current?.focus()
    setOpen(true)
  }

  if (!isMade) return <MenuButton name={name} aria-haspopup="menu" aria-expanded={false} onClick={make} />
  return <MadeMenu name={name} actions={actions} button={button} isOpen={isOpen} onChange={setOpen} />
}

interface MadeMenuProps extends RowMenuProps {
  button: RefObject<HTMLButtonElement | null>
  isOpen: boolean
  onChange: (isOpen: boolean) => void
}

function MadeMenu({ name, actions, button, isOpen, onChange }: MadeMenuProps) {
  const go = useNavigateTo()
  return (
    <Menu position="bottom-end" width={240} opened={isOpen} onChange={onChange}>
      <Menu.Target>
        <MenuButton ref={button} name={name} />
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item
            key={action.label}
            aria-disabled={action.whyNot !== undefined}
            closeMenuOnClick={action.whyNot === undefined}
            onClick={() => {
              if (action.whyNot !== undefined) return
              // A dialog returns the focus to the element that had it, and the entry no longer exists then.
              button.current?.focus()
              if (action.link) go(action.link)
              action.onSelect?.()
            }}
          >
            <span className={toneOf(action)}>{action.label}</span>
            {action.whyNot && <span className={classes['whyNot']}>{action.whyNot}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function MenuButton({ name, ...button }: { name: string } & ComponentProps<'button'>) {
  return (
    <button {...button} type="button" data-row-menu className={classes['button']} aria-label={t`Actions for ${name}`} />
  )
}

function toneOf({ dangerous, whyNot }: RowAction): string | undefined {
  if (whyNot !== undefined) return classes['off']
  return dangerous ? classes['dangerous'] : undefined
}
