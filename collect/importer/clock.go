package importer

import (
	"time"

	"github.com/heedcx/heed"
)

const hour = time.Hour

// oldest is the earliest instant that an imported event may claim.
var oldest = heed.At(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
