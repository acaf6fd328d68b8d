/** The English texts of every page but the first, in one file of their own. */
export const rest = import.meta.glob<Record<string, string>>(['/src/*/en.json', '!/src/shell/en.json', '!/src/ui/en.json', '!/src/words/en.json', '!/src/home/en.json'], { eager: true, import: 'default' })
