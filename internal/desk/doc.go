// Package desk keeps what the people who work here save: views of lists that they come back to, exports that they asked for,
// and which dead letters they have dealt with. It decides nothing about who may: the API does.
package desk
