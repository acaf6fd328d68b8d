package load

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// importPeople is how many people are imported from a file.
const importPeople = 300_000

const peopleMapping = `kind: import
name: people
source: crm
type: identify
ids: {user_id: id, email: email}
properties: {first_name: first, last_name: last, country: country, timezone: zone}
`

// writePeople writes a CSV file of n people, as a shop's customer system exports them, and its mapping.
func writePeople(dir string, n int) (file, mapping string, err error) {
	file, mapping = filepath.Join(dir, "people.csv"), filepath.Join(dir, "people.yaml")
	if err := os.WriteFile(mapping, []byte(peopleMapping), 0o600); err != nil {
		return "", "", err
	}
	f, err := os.Create(file)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = f.Close() }()
	first := []string{"Ana", "Bruno", "Carla", "Diogo", "Eva", "Filipe", "Greta", "Hugo", "Inês", "João", "Klara", "Luís", "Marta", "Nuno", "Olga", "Paulo"}
	last := []string{"Silva", "Santos", "Ferreira", "Pereira", "Oliveira", "Costa", "Rodrigues", "Martins", "Sousa", "Fernandes", "Gomes", "Lopes", "Marques"}
	w := bufio.NewWriter(f)
	_, _ = fmt.Fprintln(w, "id,email,first,last,country,zone")
	for i := range n {
		_, _ = fmt.Fprintf(w, "c%08d,customer.%d@people.example,%s,%s %d,PT,Europe/Lisbon\n", i, i, first[i%len(first)], last[i/7%len(last)], i%5000)
	}
	return file, mapping, w.Flush()
}
