/* SPDX-License-Identifier: MIT */
/* A host name that has no address anywhere, found out without a question to anybody. */
#ifndef TEST_SUPPORT_IMPOSSIBLE_H
#define TEST_SUPPORT_IMPOSSIBLE_H

/* A label of a name has 63 bytes at most. */
#define IMPOSSIBLE "a123456789b123456789c123456789d123456789e123456789f123456789g123.invalid"

#endif
