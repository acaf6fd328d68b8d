// Package enginetest holds the suite that every history store must pass, and the small fakes that it drives a
// [insight.Follower] with. It emits test failures only; a store's tests call [Run],
// [CrashFollower] for what a killed process leaves, and [Fill] and [Ask] to measure.
package enginetest
