/** All German texts, in one file of their own that only those load who read German. */
export const german = import.meta.glob<Record<string, string>>('/src/*/de.json', { eager: true, import: 'default' })
