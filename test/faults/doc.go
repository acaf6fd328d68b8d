// Package faults breaks things under a running Heed and looks whether its promises hold: the real binary in processes of
// its own, a real SMTP server, PostgreSQL and NATS clusters of its own. `make test` runs it; HEED_FAULT_ROUNDS makes it
// last longer, HEED_FAULT_SEED repeats a run's choices. docs/faults.md tells what is broken and what must hold.
package faults
