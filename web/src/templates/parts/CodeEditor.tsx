import { autocompletion, type Completion } from '@codemirror/autocomplete'
import { liquid } from '@codemirror/lang-liquid'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { tags } from '@lezer/highlight'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'
import { words } from '../../words/i18n'

const t = words('templates')

const filters = ['default', 'upcase', 'downcase', 'capitalize', 'date', 'truncate', 'replace', 'append', 'prepend', 'plus', 'minus', 'times', 'divided_by', 'round', 'size', 'first', 'last', 'join', 'escape', 'raw', 'json']
const roots: Record<string, string[]> = {
  brand: ['name', 'title', 'address', 'website', 'email', 'locale'],
  message: ['id', 'purpose', 'topic', 'channel', 'journey'],
}
const variables = ['person', 'vars', 'event', 'brand', 'message', 'unsubscribe_url', 'preferences_url']
const complete = (type: string) => (label: string): Completion => ({ label, type })

// The console's own colours, so that they can be read on paper and in the dark.
const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword, tags.controlKeyword], color: 'var(--accent)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--bad)' },
  { tag: [tags.number, tags.bool, tags.color, tags.unit], color: 'var(--good)' },
  { tag: [tags.variableName, tags.propertyName, tags.function(tags.variableName)], color: 'var(--wait)' },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: 'var(--soft)' },
])

/** Text with Liquid in it: {{ person. completes the traits that customers have. */
export default function CodeEditor({ value, onChange, traits, label, readOnly }: { value: string; onChange: (text: string) => void; traits: string[]; label: string; readOnly?: boolean }) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const changed = useRef(onChange)
  const known = useRef(traits)
  changed.current = onChange
  known.current = traits

  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          basicSetup, EditorView.lineWrapping, autocompletion(), syntaxHighlighting(colours),
          EditorState.readOnly.of(!!readOnly), EditorState.phrases.of({ 'Fold line': t('code.fold'), 'Unfold line': t('code.unfold'), 'Folded lines': t('code.folded') }),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of((u) => { if (u.docChanged) changed.current(u.state.doc.toString()) }),
          liquid({
            variables: variables.map(complete('variable')), filters: filters.map(complete('function')),
            properties: (path) => (path.length === 1 ? (path[0] === 'person' ? ['id', 'stage', ...known.current] : roots[path[0]] ?? []) : []).map(complete('property')),
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
    // The editor keeps its own text; what changes it from outside comes through the effect below.
  }, [label, readOnly])

  useEffect(() => {
    const editor = view.current
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  return <div ref={host} className="code-editor" />
}
