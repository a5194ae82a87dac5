package text

// Numbered is how a slug that is taken goes on.
var Numbered = numbered
