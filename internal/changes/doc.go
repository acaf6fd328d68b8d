// Package changes knows which kinds of things have changed in the state store, and tells whoever listens, at most once a
// second. It never says what changed: the kinds are words such as "journeys".
//
// What comes in: the names of the statements that changed rows (db.Options.Changed), which this process counts by kind in
// memory, and numbers of what lies elsewhere (a mailbox, a log), which are asked for while somebody listens. What goes out:
// the kinds whose count has moved. Neither depends on how much is stored or on how many rows a transaction writes.
//
// Several processes on one store tell each other through table change_mark: who listens says until when, and the others
// then write their counts, at most once a second. While nobody listens nobody writes.
package changes
