// Package words says the API's sentences in other languages than English, for people who read them in the console.
//
// The code writes English, and English is what scripts get. A catalogue (de/*.json) has the same sentence in another
// language for each format that the code writes: "there is no segment %q" is the key for whatever segment it names. A
// sentence is recognised by its form, so that those that were stored long ago are said in today's words too.
package words
