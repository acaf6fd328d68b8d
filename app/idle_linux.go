package app

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// madvDontNeed is MADV_DONTNEED of madvise(2).
const madvDontNeed = 4

// letGoOfProgram unmaps the pages of the program itself, a hundred megabytes once most of it has run. They stay in the
// system's cache as long as nobody else needs the memory, and whatever runs next is mapped again at once.
func letGoOfProgram() error {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var from, to uintptr // of the mapping that is being read, when it is the program's and nobody may write to it
	for in := bufio.NewScanner(f); in.Scan(); {
		line := in.Text()
		if key, value, _ := strings.Cut(line, ":"); !strings.Contains(key, "-") {
			// Pages that the loader has changed are nowhere else.
			if key == "Anonymous" && strings.TrimSpace(value) == "0 kB" && to > from {
				if _, _, e := syscall.Syscall(syscall.SYS_MADVISE, from, to-from, madvDontNeed); e != 0 {
					return fmt.Errorf("madvise: %w", e)
				}
			}
			continue
		}
		from, to = 0, 0
		if fields := strings.Fields(line); len(fields) == 6 && fields[5] == exe && fields[1][1] == '-' {
			if _, err := fmt.Sscanf(fields[0], "%x-%x", &from, &to); err != nil {
				return err
			}
		}
	}
	return nil
}
