import { Skeleton, Textarea } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { asProblem } from '../../api/client'
import { words } from '../../words/i18n'
import { PlaceContext, type Place } from './context'
import { Group } from './Group'
import { readRule, useVocabulary, type RuleOut, type RuleProblem } from './queries'
import { asGroup, type EventDoc, type RuleNode } from './tree'

const t = words('segments')

export type RuleState = {
  /** As the author has it. */
  text: string
  /** The rule can be used as it stands. An empty one is neither right nor wrong. */
  valid: boolean
}

const none: RuleNode = { kind: 'all', of: [] }
const empty = (n: RuleNode): boolean => !!n.of && n.of.every(empty)

/** A rule, built by clicking and written as text, side by side; each follows the other. `value` is the text, or a tree. */
export function RuleEditor({ value, onChange, label, where, triggering, readOnly, stacked }: {
  value: string | object | undefined
  onChange: (s: RuleState) => void
  label: string
  /** Only what is asked of one event; of this one. */
  where?: EventDoc
  /** The rule may ask about the event that just happened; this one, if it is known. */
  triggering?: EventDoc
  readOnly?: boolean
  /** The text below the builder instead of beside it. */
  stacked?: boolean
}) {
  const vocabulary = useVocabulary()
  const [tree, setTree] = useState<RuleNode | undefined>(value ? undefined : none)
  const [text, setText] = useState(typeof value === 'string' ? value : '')
  const [problems, setProblems] = useState<RuleProblem[]>([])
  const [wrongText, setWrongText] = useState('')
  const asked = useRef<AbortController>(undefined)
  const told = useRef(onChange)
  told.current = onChange
  const asWhere = !!where

  const ask = (rule: { text: string } | { tree: RuleNode }, then: (out: RuleOut) => void, wait: number) => {
    asked.current?.abort()
    const control = new AbortController()
    asked.current = control
    setTimeout(() => {
      if (control.signal.aborted) return
      readRule(rule, asWhere, control.signal).then((out) => { if (!control.signal.aborted) then(out) }, (error: unknown) => {
        if (!control.signal.aborted) setWrongText(asProblem(error).detail)
      })
    }, wait)
  }

  // The first form in which it comes is read once; after that it is ours.
  const first = useRef(value)
  useEffect(() => {
    const v = first.current
    if (!v) return
    ask(typeof v === 'string' ? { text: v } : { tree: v as RuleNode }, (out) => {
      if (out.tree) setTree(asGroup(out.tree))
      else setTree(typeof v === 'string' ? none : asGroup(v as RuleNode))
      if (typeof v !== 'string') setText(out.text)
      setWrongText(out.tree ? '' : said(out.problems))
    }, 0)
    return () => asked.current?.abort()
  }, []) // eslint-disable-line -- once

  const build = (next: RuleNode) => {
    setTree(next)
    if (empty(next)) {
      asked.current?.abort()
      setText('')
      setProblems([])
      setWrongText('')
      told.current({ text: '', valid: true })
      return
    }
    // A group of one is a convenience of the builder: the paths of problems must still be those on the screen.
    ask({ tree: next }, (out) => {
      setWrongText('')
      setProblems(out.tree ? [] : out.problems)
      if (out.tree) setText(out.text)
      told.current({ text: out.tree ? out.text : text, valid: !!out.tree })
    }, 200)
  }
  const write = (next: string) => {
    setText(next)
    if (!next.trim()) return build(none)
    ask({ text: next }, (out) => {
      setProblems([])
      setWrongText(out.tree ? '' : said(out.problems))
      if (out.tree) setTree(asGroup(out.tree))
      told.current({ text: next, valid: !!out.tree })
    }, 300)
  }

  const place: Place | undefined = useMemo(() => vocabulary.data && { vocabulary: vocabulary.data, problems, where, triggering, readOnly }, [vocabulary.data, problems, where, triggering, readOnly])
  if (vocabulary.isError) return <Textarea label={label} value={text} onChange={(e) => write(e.currentTarget.value)} error={wrongText} readOnly={readOnly} autosize minRows={3} className="rule-text" />
  if (!place || !tree) return <Skeleton height={90} role="status" aria-label={label} />
  return (
    <div className={`rule-both${stacked ? ' stacked' : ''}`}>
      <PlaceContext.Provider value={place}>
        <Group label={label} node={tree} path="" onChange={build} />
      </PlaceContext.Provider>
      <Textarea className="rule-text" label={t('rule.text')} description={stacked ? undefined : t('rule.text-about')} value={text} onChange={(e) => write(e.currentTarget.value)} error={wrongText || undefined} autosize minRows={stacked ? 2 : 4} maxRows={16} spellCheck={false} readOnly={readOnly} />
    </div>
  )
}

const said = (problems: RuleProblem[]) => problems.map((p) => (p.line ? t('rule.at', { line: p.line, column: p.column, what: p.detail }) : p.detail)).join('; ')

