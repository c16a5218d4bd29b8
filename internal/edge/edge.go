// Package edge holds the rules for requests from outside: who sent one, whether a browser sent it for
// another site, whether its framing is unambiguous, and the security headers of every answer. It
// knows nothing of the product.
package edge
