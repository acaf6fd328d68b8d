// Package template turns a spec of kind template and one person's memory into the words of a message.
//
// The language is Liquid. Authors get the person's traits, the message's variables, the brand and the two links that
// a person always has; what they write is checked in full before it is stored (Check), and rendering is bounded in
// time, loops and size. Values are never parsed as templates and are escaped in HTML unless an author says `raw`.
package template
