// Package account knows the people who work with Heed and the programs that talk to it: users with a role and a
// department, their sessions, API keys, write keys, and the audit log of what they did. It speaks no HTTP; package api
// and the commands of the CLI do.
package account
