// Package decide is stage 9 of 12: it reads an intent, the person's memory and the brand's policy, it emits a
// decision: send, hold until, or drop, with a reason.
//
// It is the one gate before every sender, and it is pure: no I/O, no clock, the same arguments give the same answer.
// The order is fixed: legal suppression > reachability > consent for this purpose and channel > relationship rules >
// quiet hours > caps > relevance > arbitration > reservation. Whatever is missing makes the answer no. Package
// decide/ledger keeps what was decided and holds the outbox.
package decide
