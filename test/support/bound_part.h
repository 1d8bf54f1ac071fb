/* SPDX-License-Identifier: MIT */
/* A part of a program that is linked with libwinhttp16.so. */
#ifndef TEST_SUPPORT_BOUND_PART_H
#define TEST_SUPPORT_BOUND_PART_H

#include "support/bound.h"

/* The functions as that part's own calls reach them. */
WINHTTPAPI struct bound bound_part(void);

#endif
