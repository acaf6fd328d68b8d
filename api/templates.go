package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

const templatesDep = "a mail server"

// Templates looks at messages before they are used.
type Templates interface {
	// Preview renders a draft for one person. What is wrong with it is among the findings, not an error.
	Preview(ctx context.Context, d TemplateDraft) (TemplatePreview, error)
	// Test sends a draft to one address; a heed.TooMany when this user has sent too many.
	Test(ctx context.Context, d TemplateDraft, to, by string) error
}

// TemplateDraft is a template that may not be saved yet, and for whom it is rendered.
type TemplateDraft struct {
	Template spec.Spec
	Person   heed.ID // zero: somebody of whom nothing is known
	Locale   string
	Purpose  string
	Vars     heed.RawValue
	Links    bool // ask each link whether something answers
}

// TemplatePreview is a draft as its reader would see it.
type TemplatePreview struct {
	From      string            `json:"from,omitempty"`
	Subject   string            `json:"subject,omitempty"`
	Preheader string            `json:"preheader,omitempty"`
	HTML      string            `json:"html,omitempty"`
	Text      string            `json:"text,omitempty"`
	Body      string            `json:"body,omitempty" doc:"What a webhook would be sent."`
	Bytes     int               `json:"bytes" doc:"Of the HTML as it is sent."`
	Findings  []TemplateFinding `json:"findings" nullable:"false"`
}

// TemplateFinding is one thing that should be put right before a template is used.
type TemplateFinding struct {
	Code  string `json:"code" enum:"MISTAKE,MISSING_ALT,BROKEN_LINK,NO_UNSUBSCRIBE,UNKNOWN_VARIABLE,TOO_LARGE,EMPTY_SUBJECT"`
	Level string `json:"level" enum:"error,warning"`
	Field string `json:"field,omitempty"`
	Text  string `json:"text" say:"sentence" doc:"A sentence that says what to do."`
}

// TemplateIn is a draft on the wire.
type TemplateIn struct {
	Name    string `json:"name,omitempty" maxLength:"64" doc:"Its name, if it has one."`
	Body    JSON   `json:"body" doc:"The fields of a template, as in its document."`
	Person  string `json:"person,omitempty" maxLength:"36" doc:"Rendered with this person's data; with nobody's when absent."`
	Locale  string `json:"locale,omitempty" maxLength:"35" doc:"Instead of the person's."`
	Purpose string `json:"purpose,omitempty" maxLength:"64" doc:"Decides whether a way out is missed."`
	Vars    JSON   `json:"vars,omitempty" doc:"What the journey would hand over: an object."`
	Links   bool   `json:"links,omitempty" doc:"Ask each link whether something answers. Takes longer."`
}

func (s *server) registerTemplates() {
	o := op{method: http.MethodPost, path: "/templates/preview", id: "previewTemplate", tag: "templates", need: account.ReadPeople, needs: s.Templates, what: templatesDep,
		audit: notAudited, maxBody: 3 * spec.MaxBody, slow: true, summary: "A template as one person would see it, and what should be put right"}
	route(s, o, s.previewTemplate)
	o.path, o.id, o.need, o.audit, o.status = "/templates/test", "testTemplate", account.WriteSpecs, "template.test", http.StatusNoContent
	o.summary, o.about = "Send a template to one address", "For whoever writes it to look at: no customer's consent is asked, so at most 20 an hour and user."
	route(s, o, s.testTemplate)
}

func (s *server) templateDraft(in TemplateIn) (d TemplateDraft, err error) {
	name := in.Name
	if name == "" {
		name = "draft"
	}
	if d.Template, err = spec.ReadJSON(spec.Template, name, in.Body); err != nil {
		return d, err
	}
	if in.Person != "" {
		if d.Person, err = heed.ParseID(in.Person); err != nil {
			return d, heed.FieldErrorf("person", "is not an id")
		}
	}
	if len(in.Vars) > 0 && string(in.Vars) != "null" {
		if in.Vars[0] != '{' || len(in.Vars) > 32<<10 {
			return d, heed.FieldErrorf("vars", "must be an object of at most 32 KB")
		}
		d.Vars = heed.RawValue(in.Vars)
	}
	d.Locale, d.Purpose, d.Links = in.Locale, in.Purpose, in.Links
	return d, nil
}

func (s *server) previewTemplate(ctx context.Context, in *Body[TemplateIn]) (*Body[TemplatePreview], error) {
	d, err := s.templateDraft(in.Body)
	if err != nil {
		return nil, err
	}
	p, err := s.Templates.Preview(ctx, d)
	if p.Findings == nil {
		p.Findings = []TemplateFinding{}
	}
	return body(p), err
}

func (s *server) testTemplate(ctx context.Context, in *struct {
	Body struct {
		TemplateIn
		To string `json:"to" format:"email" maxLength:"254" doc:"Where to."`
	}
}) (*struct{}, error) {
	d, err := s.templateDraft(in.Body.TemplateIn)
	if err != nil {
		return nil, err
	}
	who := s.actor(ctx)
	if d.Person != (heed.ID{}) && !who.May(account.ReadPeople) {
		return nil, heed.Errorf(heed.Forbidden, "You may not see customers: send it without a person.")
	}
	note(ctx, "template "+d.Template.Name, nil, map[string]string{"to": in.Body.To, "person": in.Body.Person})
	return &struct{}{}, s.Templates.Test(ctx, d, in.Body.To, who.Name)
}
