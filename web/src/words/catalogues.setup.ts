import { readAll } from './i18n'

// Tests read texts of every page.
await readAll()
