// SPDX-License-Identifier: GPL-3.0-or-later
// Distribution functions of R's stand-alone mathematics library (Debian: r-mathlib), as plain
// functions of doubles. `upper` is 1 for the upper tail, 0 for the lower one. R prints to stdout
// and returns NaN when an argument is out of range, so callers check first.
#ifndef CRMATH_H
#define CRMATH_H

#include <stdint.h>

// Normal: P(Z <= x), and its inverse.
double crmath_pnorm(double x, int32_t upper);
double crmath_qnorm(double p, int32_t upper);
// Student t with df > 0.
double crmath_pt(double x, double df, int32_t upper);
double crmath_qt(double p, double df, int32_t upper);
// The inverse of the binomial distribution of n trials.
double crmath_qbinom(double p, double n, double probability);
// Hypergeometric: the chance of q white balls among `drawn` from an urn of `white` and `black`.
double crmath_dhyper(double q, double white, double black, double drawn);

#endif
