// SPDX-License-Identifier: GPL-3.0-or-later

#define MATHLIB_STANDALONE
#include "crmath.h"

#include <Rmath.h>
#include <pthread.h>

static pthread_mutex_t tables = PTHREAD_MUTEX_INITIALIZER;

double crmath_pnorm(double x, int32_t upper) { return pnorm(x, 0, 1, !upper, 0); }

double crmath_qnorm(double p, int32_t upper) { return qnorm(p, 0, 1, !upper, 0); }

double crmath_pt(double x, double df, int32_t upper) { return pt(x, df, !upper, 0); }

double crmath_qt(double p, double df, int32_t upper) { return qt(p, df, !upper, 0); }

double crmath_pchisq(double x, double df, int32_t upper) { return pchisq(x, df, !upper, 0); }

double crmath_pbinom(double q, double n, double probability, int32_t upper)
{
    return pbinom(q, n, probability, !upper, 0);
}

double crmath_qbinom(double p, double n, double probability)
{
    return qbinom(p, n, probability, 1, 0);
}

double crmath_dhyper(double q, double white, double black, double drawn)
{
    return dhyper(q, white, black, drawn, 0);
}

double crmath_phyper(double q, double white, double black, double drawn, int32_t upper)
{
    return phyper(q, white, black, drawn, !upper, 0);
}

double crmath_psignrank(double q, double n, int32_t upper)
{
    pthread_mutex_lock(&tables);
    double p = psignrank(q, n, !upper, 0);
    signrank_free();
    pthread_mutex_unlock(&tables);
    return p;
}

double crmath_pwilcox(double q, double m, double n, int32_t upper)
{
    pthread_mutex_lock(&tables);
    double p = pwilcox(q, m, n, !upper, 0);
    wilcox_free();
    pthread_mutex_unlock(&tables);
    return p;
}
