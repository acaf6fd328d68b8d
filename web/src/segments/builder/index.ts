// The builder of rules: segments, branches and exits of journeys, filters of people, relationship rules.
//
//   <RuleEditor label="Who belongs" value={text} onChange={({ text, valid }) => ...} />
//   <RuleEditor label="Only if" where={{ name: 'Order Completed' }} ... />   what is asked of one event
//   <RuleEditor label="When" triggering={{ name: 'Signed Up' }} ... />       may ask about the event that just happened
export { RuleEditor, type RuleState } from './RuleEditor'
export type { EventDoc, RuleNode } from './tree'
