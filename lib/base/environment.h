/* SPDX-License-Identifier: MIT */
/* Variables of the environment that steer the library. Any thread, unless another one changes them. */
#ifndef WH_BASE_ENVIRONMENT_H
#define WH_BASE_ENVIRONMENT_H

/*
 * What the variable says; NULL when it is not set or empty. A program that runs with more rights than
 * its user (set-user-ID, on Linux also by capabilities of its file) has no variables: it must not be
 * made to write, or to trust, what that user names. Asks the system the first time alone.
 */
const char *wh_environment_find(const char *name);

#endif
