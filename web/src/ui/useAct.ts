import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { asProblem } from '../api/client'
import { words } from '../words/i18n'

const t = words('ui')

/** Something that changes the world: says that it worked, refreshes what it touches. */
export function useAct<In, Out>(options: {
  run: (input: In) => Promise<Out>
  done?: string | ((out: Out, input: In) => string)
  touches?: readonly unknown[][]
  after?: (out: Out, input: In) => void
  /** True: whoever calls shows the problem; otherwise a notification does. */
  quiet?: boolean
}) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: options.run,
    onSuccess: async (out, input) => {
      const text = typeof options.done === 'function' ? options.done(out, input) : options.done
      if (text) notifications.show({ message: text, color: 'teal' })
      options.after?.(out, input)
      await Promise.all((options.touches ?? []).map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError: (error) => {
      if (!options.quiet) notifications.show({ title: t('failed'), message: asProblem(error).detail, color: 'red', autoClose: 10_000 })
    },
  })
}
