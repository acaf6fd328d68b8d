import type { Kind } from '../../design'
import { Branch } from './Branch'
import type { Panel } from './fields'
import { Message } from './Message'
import { Holdout, Split } from './Split'
import { End, Task } from './Task'
import { Update } from './Update'
import { Wait } from './Wait'
import { WaitFor } from './WaitFor'

/** One panel per type of node. */
export const panels: Record<Kind, Panel> = { message: Message, wait: Wait, wait_for: WaitFor, branch: Branch, split: Split, holdout: Holdout, update: Update, task: Task, webhook: Message, end: End }
