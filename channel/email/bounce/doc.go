// Package bounce reads what mail servers report back: delivery status notifications (RFC 3464) and complaints
// (ARF, RFC 5965), and turns them into Feedback events. Feed it from a mailbox, a maildir, or the Server.
package bounce
