/** The choices of the colour scheme and of the language. */
import { t } from '@lingui/core/macro'
import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { changeLanguage, type Language, language, languageNames } from '../messages/language.ts'
import classes from './user-menu.module.css'

export function UserMenuSwitches() {
  return (
    <div className={classes['switches']}>
      <SchemeSwitch />
      <LanguageSwitch />
    </div>
  )
}

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={t`Colour scheme`}
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'auto', label: t`System` },
        { value: 'light', label: t`Light` },
        { value: 'dark', label: t`Dark` },
      ]}
    />
  )
}

function LanguageSwitch() {
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={t`Language`}
      value={language}
      onChange={(next) => changeLanguage(next as Language)}
      data={Object.entries(languageNames).map(([value, label]) => ({ value, label }))}
    />
  )
}
