// Package app wires the stages together and nothing else: App{Open, Run, Close}. It adapts what one stage offers to the
// small interface that another one asks for, so that no stage has to know another.
package app
