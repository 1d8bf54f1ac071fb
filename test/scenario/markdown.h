/* SPDX-License-Identifier: MIT */
/* Draws the scenarios for readers who port a program: docs/notifications.md. */
#ifndef TEST_SCENARIO_MARKDOWN_H
#define TEST_SCENARIO_MARKDOWN_H

#include <stdio.h>

void markdown_print(FILE *out);

#endif
