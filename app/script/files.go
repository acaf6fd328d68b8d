package script

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Files lists the scripts in files and folders: in a folder every .txt file, also below it, that does not begin with a dot.
func Files(paths ...string) ([]string, error) {
	var out []string
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return nil, heed.Errorf(heed.Invalid, "cannot read %s: there is no such file or folder", root)
		}
		if !info.IsDir() {
			out = append(out, root)
			continue
		}
		found := len(out)
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path != root && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if !d.IsDir() && filepath.Ext(path) == ".txt" {
				out = append(out, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found == len(out) {
			return nil, heed.Errorf(heed.Invalid, "there is no script in %s: scripts are files that end in .txt", root)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
