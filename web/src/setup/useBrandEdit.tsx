import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asProblem } from '../api/client'
import { Overtaken, useOvertaken } from '../ui/Overtaken'
import { asFile } from '../ui/seen'
import { Trouble } from '../ui/State'
import { useAct } from '../ui/useAct'
import { brandKey, changed, loadBrand, nameOf, saveBrand, type Brand, type BrandBody } from './brand'

/**
 * What one step changes of the brand. It holds on to the document that it began from, so that it is told when a colleague saves it
 * meanwhile; over theirs, only what the step asks is changed. `onTake` has the step begin anew from what they saved.
 */
export function useBrandEdit(brand: Brand | null, change: BrandBody, onDone: () => void, onTake: () => void) {
  const client = useQueryClient()
  const [began, setBegan] = useState(brand)
  const [name, setName] = useState(brand?.name ?? '')
  const save = useAct<{ seen: number; body: BrandBody; name?: string }, Brand>({
    quiet: true, touches: [['specs']],
    run: async (one) => {
      // There is one brand: somebody may have given it another name a moment ago.
      const at = one.name ?? (await loadBrand())?.name ?? nameOf(one.body.title ?? '')
      setName(at)
      return saveBrand(at, one.seen, one.body)
    },
    after: (now) => {
      client.setQueryData(brandKey, now)
      setBegan(now)
    },
  })
  const over = useOvertaken('brand', name, began?.version ?? 0, save.error)
  const theirs = over.theirs && !over.theirs.deleted ? (over.theirs.body as BrandBody) : undefined
  const body = changed(theirs ?? began?.body, change)
  const mine = (seen: number) => ({ seen, body, name: began?.name ?? over.theirs?.name })
  const go = (seen = over.seen) => save.mutate(mine(seen), { onSuccess: onDone })
  return {
    go, busy: save.isPending, blocked: !!over.theirs,
    /** Saves without going on. */
    keep: () => save.mutateAsync(mine(over.seen)),
    notice: over.theirs
      ? <Overtaken over={over} files={asFile('brand', name, body)} busy={save.isPending} onSave={go} onTake={() => void client.refetchQueries({ queryKey: brandKey }).then(onTake)} />
      : save.isError && <Trouble problem={asProblem(save.error)} />,
  }
}
