package duckdb

import "github.com/duckdb/duckdb-go/v2/mapping"

// schema is run at every start. No primary key on event: it would cost four times the time of an append; rows and
// position commit together, so none can come twice.
//
// The tables in temp belong to the writer's connection: what one commit brings, for set-wise SQL.
var schema = []string{
	eventTable("event"),
	keymapTable("keymap"),
	`CREATE TABLE IF NOT EXISTS position (topic VARCHAR NOT NULL, part INTEGER NOT NULL, seq BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS fact_seen (n BIGINT NOT NULL, hash UBIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS forgotten (key UUID NOT NULL, until BIGINT NOT NULL)`,
	`CREATE TEMP TABLE IF NOT EXISTS change (key UUID NOT NULL, person UUID)`,
	`CREATE TEMP TABLE IF NOT EXISTS via (loser UUID NOT NULL, winner UUID)`,
	`CREATE TEMP TABLE IF NOT EXISTS gone (key UUID NOT NULL, until BIGINT NOT NULL)`,
	`CREATE TEMP TABLE IF NOT EXISTS near (place BIGINT, key UUID NOT NULL, person UUID NOT NULL, own BOOLEAN NOT NULL)`,
	`CREATE TEMP TABLE IF NOT EXISTS seen (place BIGINT NOT NULL)`,
}

func eventTable(name string) string {
	return `CREATE TABLE IF NOT EXISTS ` + name + ` (
		key UUID, ts BIGINT NOT NULL, received BIGINT NOT NULL, type VARCHAR NOT NULL, name VARCHAR NOT NULL,
		source VARCHAR NOT NULL, touchpoint VARCHAR NOT NULL, channel VARCHAR NOT NULL, direction VARCHAR NOT NULL,
		department VARCHAR NOT NULL, properties VARCHAR, context VARCHAR, message_id VARCHAR NOT NULL,
		part INTEGER NOT NULL, seq BIGINT NOT NULL, idx INTEGER NOT NULL, ref UUID)`
}

func keymapTable(name string) string {
	return `CREATE TABLE IF NOT EXISTS ` + name + ` (key UUID NOT NULL, person UUID NOT NULL, own BOOLEAN NOT NULL)`
}

// column describes one column of a table that chunks are appended to.
type column struct {
	name     string
	kind     mapping.Type
	nullable bool
}

// The columns of table event, in order.
const (
	colKey = iota
	colTS
	colReceived
	colType
	colName
	colSource
	colTouchpoint
	colChannel
	colDirection
	colDepartment
	colProperties
	colContext
	colMessageID
	colPart
	colSeq
	colIdx
	colRef
)

func eventColumns() []column {
	return []column{
		colKey:        {"key", mapping.TypeUUID, true},
		colTS:         {"ts", mapping.TypeBigInt, false},
		colReceived:   {"received", mapping.TypeBigInt, false},
		colType:       {"type", mapping.TypeVarchar, false},
		colName:       {"name", mapping.TypeVarchar, false},
		colSource:     {"source", mapping.TypeVarchar, false},
		colTouchpoint: {"touchpoint", mapping.TypeVarchar, false},
		colChannel:    {"channel", mapping.TypeVarchar, false},
		colDirection:  {"direction", mapping.TypeVarchar, false},
		colDepartment: {"department", mapping.TypeVarchar, false},
		colProperties: {"properties", mapping.TypeVarchar, true},
		colContext:    {"context", mapping.TypeVarchar, true},
		colMessageID:  {"message_id", mapping.TypeVarchar, false},
		colPart:       {"part", mapping.TypeInteger, false},
		colSeq:        {"seq", mapping.TypeBigInt, false},
		colIdx:        {"idx", mapping.TypeInteger, false},
		colRef:        {"ref", mapping.TypeUUID, true},
	}
}

func changeColumns() []column {
	return []column{{"key", mapping.TypeUUID, false}, {"person", mapping.TypeUUID, true}}
}

func viaColumns() []column {
	return []column{{"loser", mapping.TypeUUID, false}, {"winner", mapping.TypeUUID, true}}
}

func goneColumns() []column {
	return []column{{"key", mapping.TypeUUID, false}, {"until", mapping.TypeBigInt, false}}
}
