// SPDX-License-Identifier: GPL-3.0-or-later

#define MATHLIB_STANDALONE
#include "crmath.h"

#include <Rmath.h>

double crmath_pnorm(double x, int32_t upper) { return pnorm(x, 0, 1, !upper, 0); }

double crmath_qnorm(double p, int32_t upper) { return qnorm(p, 0, 1, !upper, 0); }

double crmath_pt(double x, double df, int32_t upper) { return pt(x, df, !upper, 0); }

double crmath_qt(double p, double df, int32_t upper) { return qt(p, df, !upper, 0); }

double crmath_qbinom(double p, double n, double probability)
{
    return qbinom(p, n, probability, 1, 0);
}

double crmath_dhyper(double q, double white, double black, double drawn)
{
    return dhyper(q, white, black, drawn, 0);
}
