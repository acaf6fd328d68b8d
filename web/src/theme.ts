import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'
import { words } from './words/i18n'

const t = words('ui')

// One visual language: warm paper, ink, and one teal that means "act here". Colour beyond that is kept for what a
// message or a customer's moment came to: sent, held, dropped.

const teal: MantineColorsTuple = ['#e7f3f2', '#cde5e3', '#9fcfcb', '#72b9b4', '#4aa19b', '#2f8983', '#1c716d', '#0f5c5c', '#0a4747', '#063434']
const gray: MantineColorsTuple = ['#faf8f5', '#f3f0ea', '#e9e4db', '#ddd6ca', '#c9c1b3', '#a79e90', '#857c6f', '#665f54', '#4a453d', '#2f2b26']
const dark: MantineColorsTuple = ['#ece8e1', '#cfc9bf', '#aaa297', '#7d766c', '#4d4841', '#37332e', '#25221f', '#1d1b19', '#171513', '#11100f']

/** It holds words too: make it anew when the language changes. */
export const theme = () => createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  colors: { teal, gray, dark },
  black: '#211e1a',
  fontFamily: '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, "Noto Sans", Ubuntu, Cantarell, "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '600' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Button: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.4, blur: 2 }, radius: 'lg', closeButtonProps: { 'aria-label': t('close') } } },
    ModalHeader: { defaultProps: { role: 'presentation' } }, // a dialog's head is not the page's: Mantine draws both as <header>
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': t('close') } } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    PasswordInput: { defaultProps: { visibilityToggleButtonProps: { 'aria-label': t('password.show') } } },
  },
})

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f7f4ee',
    '--mantine-color-text': '#211e1a',
    '--mantine-color-dimmed': '#655e54',
    '--mantine-color-placeholder': '#746c61',
    '--mantine-color-default': '#fffefb',
    '--mantine-color-default-border': '#d9d2c5',
    '--mantine-color-error': '#a8341f',
    '--mantine-color-anchor': '#0f5c5c',
  },
  dark: {
    '--mantine-color-body': '#161513',
    '--mantine-color-text': '#ece8e1',
    '--mantine-color-dimmed': '#aaa297',
    '--mantine-color-placeholder': '#948c80',
    '--mantine-color-default': '#25221f',
    '--mantine-color-default-border': '#423d37',
    '--mantine-color-error': '#f0907c',
    '--mantine-color-anchor': '#7cc4be',
  },
})
