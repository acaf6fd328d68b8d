// Package pages answers the links in messages: unsubscribe, preferences, opens and clicks.
//
// A GET never changes anything. What a person says by POST is on the stream and applied to their memory before they
// read that it is done. The pages carry no script and load nothing.
package pages
