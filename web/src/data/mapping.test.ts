import { describe, expect, it } from 'vitest'
import { beginningOf, mappingText, propertyName, withRole, type Column } from './mapping'

const column = (name: string, as: Column['as'], kind: Column['kind'] = 'text'): Column => ({ name, as, kind })

describe('a mapping that is put together', () => {
  it('writes what was chosen', () => {
    const text = mappingText({ name: 'orders', source: 'shop', event: 'Order Completed', format: 'csv', delimiter: ';', columns: [column('Mail', 'email'), column('When', 'timestamp'), column('OrderTotal', 'property', 'number'), column('x', 'skip')] },
      'timestamp: {column: "When", layout: "YYYY-MM-DD"}\n')
    expect(text).toBe('kind: import\nname: "orders"\nsource: "shop"\ndelimiter: ";"\nevent: "Order Completed"\ntimestamp: {column: "When", layout: "YYYY-MM-DD"}\nids:\n  email: "Mail"\nproperties:\n  "order_total": {column: "OrderTotal", type: number}\n')
  })
  it('takes the end of a spreadsheet off a customer number', () => {
    const text = mappingText({ name: 'a', source: 's', event: 'E', format: 'csv', columns: [{ ...column('CustomerID', 'user_id', 'number'), sample: '17850.0' }] }, '')
    expect(text).toContain('user_id: {column: "CustomerID", type: integer}')
  })
  it('gives a role to one column only', () => {
    const out = withRole([column('a', 'email'), column('b', 'property'), column('c', 'property')], 'b', 'email')
    expect(out.map((c) => c.as)).toEqual(['property', 'email', 'property'])
  })
  it('names properties', () => expect([propertyName('InvoiceNo'), propertyName('Unit price (€)'), propertyName('***')]).toEqual(['invoice_no', 'unit_price', 'value']))
  it('reads the beginning of a packed file', async () => {
    const packed = await new Response(new Blob(['a,b\n1,2\n']).stream().pipeThrough(new CompressionStream('gzip'))).blob()
    expect(await beginningOf(new File([packed], 'x.csv.gz'))).toBe('a,b\n1,2\n')
  })
})
