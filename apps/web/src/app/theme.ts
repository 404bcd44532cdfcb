/** One accent, neutral greys, and sizes in steps of eight pixels. Contrast is AA in both schemes: see `theme.css`. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import type { KeyboardEvent } from 'react'

const accent: MantineColorsTuple = [
  '#e9f5f3',
  '#d7eae7',
  '#a9d5cf',
  '#7fc4bb',
  '#58b5aa',
  '#3b9c91',
  '#2b877c',
  '#257a70',
  '#1d645c',
  '#144a44',
]

const dark: MantineColorsTuple = [
  '#d6d9db',
  '#bcc1c5',
  '#9ba2a8',
  '#6d757c',
  '#3f454a',
  '#2d3236',
  '#23272a',
  '#191c1e',
  '#131517',
  '#0d0f10',
]

/** Enter in an open list takes what is marked there, the first that fits; where nothing is, it does not send the form around it. */
const chooses = {
  selectFirstOptionOnChange: true,
  onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'Enter' && event.currentTarget.dataset['expanded']) event.preventDefault()
  },
}

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 7,
  colors: { accent, dark },
  black: '#16191c',
  fontFamily: '"Geist Variable", "Geist Fallback", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, monospace',
  headings: { fontWeight: '650' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // An empty element that takes the focus is no entry of a menu (ARIA 1.2 §5.2.6); the first entry takes it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Select: { defaultProps: chooses },
    MultiSelect: { defaultProps: chooses },
  },
})

/** Mantine's own greys for secondary text miss AA; these hold 4.5:1 on every surface that they stand on. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b646c',
    '--mantine-color-placeholder': '#6a737b',
    '--mantine-color-default-border': '#cdd3d8',
    '--mantine-color-error': '#b8232a',
    '--mantine-color-accent-light-color': '#1f6b62',
    // Mantine's own is too dark behind that text.
    '--mantine-color-accent-light-hover': '#d7eae7',
  },
  dark: {
    '--mantine-color-dimmed': '#a2a9af',
    '--mantine-color-placeholder': '#8f979e',
    '--mantine-color-default-border': '#454c52',
    '--mantine-color-error': '#ff8f8a',
    '--mantine-color-anchor': '#6cc5ba',
    '--mantine-color-accent-light-color': '#6cc5ba',
  },
})
