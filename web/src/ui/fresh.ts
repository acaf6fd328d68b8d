/** Where in an address a name would stand, of what has none yet. No document can be called so: names begin with a letter or a digit. */
export const fresh = '~new'
