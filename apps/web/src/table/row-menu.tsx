import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useRef } from 'react'
import type { RowAction } from './column.ts'
import { useGo } from './here.ts'
import classes from './row-menu.module.css'

/** What can be done with one row. An entry that cannot be used stays, and says why. */
export function RowMenu({ name, actions }: { name: string; actions: readonly RowAction[] }) {
  const go = useGo()
  const button = useRef<HTMLButtonElement>(null)
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item
            key={action.label}
            aria-disabled={action.whyNot !== undefined}
            closeMenuOnClick={action.whyNot === undefined}
            onClick={() => {
              if (action.whyNot !== undefined) return
              // What is opened now gives the focus back to where it was: the entry will be gone by then.
              button.current?.focus()
              if (action.link) go(action.link)
              action.onSelect?.()
            }}
          >
            <span className={classes[tone(action)]}>{action.label}</span>
            {action.whyNot && <span className={classes['whyNot']}>{action.whyNot}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function tone({ dangerous, whyNot }: RowAction): 'off' | 'dangerous' | 'plain' {
  if (whyNot !== undefined) return 'off'
  return dangerous ? 'dangerous' : 'plain'
}
