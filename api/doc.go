// Package api is the JSON API under /api/v1: one thin file per capability, OpenAPI 3.1 at /api/openapi.json. It reads
// requests, asks the stages through small interfaces (deps.go) that app satisfies, and writes answers; it decides
// nothing. Every operation declares the permission that it takes (see internal/account); one without does not start.
package api
