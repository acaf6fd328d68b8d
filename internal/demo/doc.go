// Package demo is the brand that `heed demo` shows, and customers who live with it: they browse, buy at tills, call,
// complain, praise, open mails and opt out, through the same doors as anybody's.
package demo
