/** Files can be dropped anywhere on the page, dialogs included; while they hover, the page says what will happen. */
import { useWindowEvent } from '@mantine/hooks'
import { useState } from 'react'
import classes from './drop-anywhere.module.css'

interface DropAnywhereProps {
  /** What happens to them: "Drop the files to look at them". */
  invitation: string
  onFiles?: (files: File[]) => void
  /** For folders: it reads what was dropped by itself. */
  onTransfer?: (transfer: DataTransfer) => void
}

export function DropAnywhere({ invitation, onFiles, onTransfer }: DropAnywhereProps) {
  const [isOver, setOver] = useState(false)

  useWindowEvent('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    // Without it the browser would open the file in place of the page.
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    setOver(true)
  })
  useWindowEvent('dragleave', (event) => {
    if (event.relatedTarget === null) setOver(false)
  })
  useWindowEvent('drop', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    setOver(false)
    const files = [...event.dataTransfer.files]
    onTransfer?.(event.dataTransfer)
    if (files.length > 0) onFiles?.(files)
  })

  return isOver && <div className={classes['over']}>{invitation}</div>
}
