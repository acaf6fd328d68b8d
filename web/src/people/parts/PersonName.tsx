import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api, must } from '../../api/client'
import { nameless } from '../../words/words'

/** A person where only the id is known: the name comes after, and is kept for a while. */
export function PersonName({ id, cover }: { id: string; cover?: boolean }) {
  const person = useQuery({ queryKey: ['names', id], queryFn: async () => (await must(api.GET('/api/v1/people/{id}', { params: { path: { id } } }))).name ?? '', staleTime: 300_000, retry: false })
  return <Link className={cover ? 'cover nowrap' : 'above nowrap'} to={`/people/${id}`}>{person.data || nameless(id)}</Link>
}
