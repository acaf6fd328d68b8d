import { area } from './lib.mjs'
import { everyPage } from './pages.mjs'

area('every page, phone', (c) => everyPage(c, 'phone'))
