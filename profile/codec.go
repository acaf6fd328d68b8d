package profile

import (
	"fmt"
	"math"

	"github.com/heedcx/heed"
)

// codec turns a person into a document and back: the JSON that the tags of heed.Person say, written and read by hand.
// Decoding is safe for many at once, encoding for one.
type codec struct{ scratch []byte }

func newCodec() codec { return codec{} }

func (c *codec) encode(p *heed.Person) (string, error) {
	if r := p.Orders.Revenue; math.IsNaN(r) || math.IsInf(r, 0) {
		return "", fmt.Errorf("revenue is %v, which is no number", r)
	}
	c.scratch = docWriter(c.scratch[:0]).person(p)
	return string(c.scratch), nil
}

// decode reads a document. Its strings point into doc.
func (c *codec) decode(doc string, p *heed.Person) error {
	r := docReader{s: doc}
	r.person(p)
	return r.bad
}
