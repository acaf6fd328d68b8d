import { area } from './lib.mjs'
import { everyPage } from './pages.mjs'

area('every page, desktop', (c) => everyPage(c, 'desktop'))
