package profile

import (
	"github.com/bytedance/sonic"

	"github.com/heedcx/heed"
)

// codec writes what Go's own encoding would, minus what costs time and changes nothing for us: sorted keys, HTML
// escapes, and a second look at values that were checked when they came in.
type codec struct{ api sonic.API }

func newCodec() codec {
	return codec{sonic.Config{NoValidateJSONMarshaler: true, NoValidateJSONSkip: true, CaseSensitive: true}.Froze()}
}

func (c codec) encode(p *heed.Person) (string, error) { return c.api.MarshalToString(p) }

// decode reads a document. Its strings point into doc.
func (c codec) decode(doc string, p *heed.Person) error { return c.api.UnmarshalFromString(doc, p) }
