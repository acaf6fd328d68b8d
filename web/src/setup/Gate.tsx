import type { ReactNode } from 'react'
import { Mark } from '../shell/Mark'

/** The frame of what is shown before one is in. */
export function Gate({ wide, children }: { wide?: boolean; children: ReactNode }) {
  return (
    <main className="gate">
      <div className={wide ? 'box wide' : 'box'}>
        <div className="word"><Mark size={38} />Heed</div>
        <div className="card">{children}</div>
      </div>
    </main>
  )
}
