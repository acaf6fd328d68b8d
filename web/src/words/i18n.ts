import i18next, { type TOptions } from 'i18next'
import { useSyncExternalStore } from 'react'

/** The languages of the console: how each calls itself, and how it writes dates and numbers. */
export const languages = {
  en: { name: 'English', locale: 'en-GB' },
  de: { name: 'Deutsch', locale: 'de-DE' },
} as const
export type Language = keyof typeof languages

type Catalogue = Record<string, string>

// English comes with the console: it is also what shows where another language has a gap. Only what the first page says is
// in the first file that loads; the rest comes with the first page that is not that one.
const english = import.meta.glob<Catalogue>(['/src/shell/en.json', '/src/ui/en.json', '/src/words/en.json', '/src/home/en.json'], { eager: true, import: 'default' })

/** "/src/home/en.json" as "home": a catalogue is named like its folder. */
export const folderOf = (path: string) => path.split('/').at(-2)!

const i18n = i18next.createInstance()
void i18n.init({
  lng: 'en', fallbackLng: 'en', initAsync: false,
  resources: { en: Object.fromEntries(Object.entries(english).map(([path, texts]) => [folderOf(path), texts])) },
  ns: Object.keys(english).map(folderOf),
  keySeparator: false, nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
})

/** The English texts of all pages. */
export async function readAll() {
  if (i18n.hasResourceBundle('en', 'setup')) return
  const { rest } = await import('./english')
  for (const [path, texts] of Object.entries(rest)) i18n.addResourceBundle('en', folderOf(path), texts)
}

/** The texts of one folder: `const t = words('home')` at the top of a file, then `t('title')`. */
export function words(folder: string): Words {
  return (key, values) => i18n.t(key, { ...values, ns: folder })
}
export type Words = (key: string, values?: TOptions) => string

export const language = () => i18n.language as Language
/** For Intl: how dates and numbers are written in the chosen language. */
export const locale = () => languages[language()].locale

const key = 'heed-language'
const isLanguage = (name: string | null): name is Language => name !== null && name in languages

/** The language that was chosen here before, or the first of the browser's that the console speaks. */
function preferred(): Language {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(key)
  } catch {
    // Storage may be forbidden: then the browser decides each time.
  }
  if (isLanguage(kept)) return kept
  return navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage) ?? 'en'
}

/** Changes the language; what is not English is loaded first. */
export async function speak(name: Language) {
  if (name === 'de' && !i18n.hasResourceBundle('de', 'shell')) {
    const { german } = await import('./german')
    for (const [path, texts] of Object.entries(german)) i18n.addResourceBundle('de', folderOf(path), texts)
  }
  await i18n.changeLanguage(name)
  globalThis.document?.documentElement.setAttribute('lang', name)
}

/** Changes the language for good. */
export async function choose(name: Language) {
  await speak(name)
  try {
    localStorage.setItem(key, name)
  } catch {
    // Then it holds until the page is closed.
  }
}

/** Before the first paint. A German catalogue that cannot be loaded leaves English. */
export const begin = () => speak(preferred()).catch(() => speak('en'))

/** The language as a React value: whatever is drawn with it as its key is drawn anew when it changes. */
export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    i18n.on('languageChanged', listener)
    return () => i18n.off('languageChanged', listener)
  }, language)
}

export { i18n }
