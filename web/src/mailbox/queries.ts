import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, must, type Schemas } from '../api/client'
import type { Message } from '../ledger/queries'
import { some } from '../ui/useParams'

export type Mail = Schemas['Mail']

export function useMails() {
  return useInfiniteQuery({
    queryKey: ['mails'], initialPageParam: '',
    queryFn: ({ pageParam }) => must(api.GET('/api/v1/mails', { params: { query: { after: some(pageParam), limit: 50 } } })),
    getNextPageParam: (last) => last.next,
  })
}

export function useMail(id: string) {
  return useQuery({ queryKey: ['mails', id], queryFn: () => must(api.GET('/api/v1/mails/{id}', { params: { path: { id } } })), enabled: !!id, staleTime: Infinity })
}

/** The message that a mail is, by the header that the sender puts on it. */
export const messageOf = (mail: Mail): string | undefined => mail.headers?.['X-Heed-Message']

/** The mail of a sent message, if it lies among the newest hundred of the built-in mailbox. */
export function useSentMail(m: Message) {
  const sent = m.channel === 'email' && !!m.sent_at
  return useQuery({
    queryKey: ['mails', 'of', m.id], enabled: sent, retry: false, staleTime: 60_000,
    queryFn: async (): Promise<Mail | null> => {
      const { items } = await must(api.GET('/api/v1/mails', { params: { query: { limit: 200 } } }))
      const near = items.filter((x) => m.address && x.to.some((to) => to.includes(m.address!)) && Math.abs(Date.parse(x.at) - Date.parse(m.sent_at!)) < 60_000)
      for (const x of near.slice(0, 5)) {
        const whole = await must(api.GET('/api/v1/mails/{id}', { params: { path: { id: x.id } } }))
        if (messageOf(whole) === m.id) return whole
      }
      return null
    },
  })
}
