package app

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strings"

	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
)

// exampleDomains are domains that nobody's mail comes from: there is nothing to look up.
var exampleDomains = []string{"example", "test", "invalid", "localhost", "local"}

// dns looks at what receivers look at before they believe a mail from the brand's domain: SPF, DKIM, DMARC.
func (d *Doctor) dns(ctx context.Context, report reporter, brand channel.Brand, setup email.Setup) {
	from := brand.Sender.Email
	if setup.From != nil {
		from = setup.From.Email
	}
	_, domain, ok := strings.Cut(strings.ToLower(from), "@")
	if !ok {
		report("sender", Warning, "The brand has no sender address yet: say `sender: {email: ...}` in its spec.")
		return
	}
	for _, r := range exampleDomains {
		if domain == r || strings.HasSuffix(domain, "."+r) {
			report("sender", Warning, "Mails come from %s, a domain for examples: no server will believe them.", from)
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	d.record(ctx, report, "spf", bounceDomain(setup, domain), "v=spf1", "receivers cannot tell who may send for the domain; publish v=spf1 with your SMTP provider's include")
	for _, key := range setup.DKIM {
		d.record(ctx, report, "dkim", key.Selector+"._domainkey."+key.Domain, "p=", "signatures with this key fail; publish its public half")
	}
	if len(setup.DKIM) == 0 {
		report("dkim", Warning, "Heed signs no mails: make sure that your SMTP provider does, or add dkim to the spec of channel email.")
	}
	if !d.record(ctx, report, "dmarc", "_dmarc."+domain, "v=DMARC1", "large receivers want it of whoever sends much; begin with v=DMARC1; p=none") {
		if parts := strings.Split(domain, "."); len(parts) > 2 {
			d.record(ctx, report, "dmarc", "_dmarc."+strings.Join(parts[1:], "."), "v=DMARC1", "neither has the domain above")
		}
	}
}

// bounceDomain is the one whose SPF counts: that of the return address.
func bounceDomain(setup email.Setup, from string) string {
	_, domain, _ := strings.Cut(strings.ToLower(setup.BounceAddress), "@")
	return cmp.Or(domain, from)
}

// record looks for a TXT record that holds the mark.
func (d *Doctor) record(ctx context.Context, report reporter, what, name, mark, otherwise string) bool {
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	texts, err := resolver.LookupTXT(ctx, name)
	if dns, ok := errors.AsType[*net.DNSError](err); err != nil && !(ok && dns.IsNotFound) {
		report(what, Warning, "%s cannot be looked up from here: %v.", name, err)
		return false
	}
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), strings.ToLower(mark)) {
			report(what, Fine, "%s has it: %.120s", name, text)
			return true
		}
	}
	report(what, Warning, "%s has no TXT record with %s: %s.", name, mark, otherwise)
	return false
}
