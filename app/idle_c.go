package app

// #include <stdlib.h>
// #ifdef __GLIBC__
// #include <malloc.h>
// static void trim(void) { malloc_trim(0); }
// #else
// static void trim(void) {}
// #endif
import "C"

// trimHeap returns the free pages of the C heap, which the state engines use, to the system. Only glibc keeps them.
func trimHeap() { C.trim() }
