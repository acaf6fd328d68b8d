package rules

import (
	"testing"

	"github.com/heedcx/heed/internal/testx"
)

func TestMain(m *testing.M) { testx.Seeded(m) }
