package bounce

import "context"

// Scan takes in what lies in the maildir now.
func Scan(in *Intake, dir string) error { return in.scan(context.Background(), dir) }
