/* SPDX-License-Identifier: MIT */
/* One scenario in one kind of session as a Mermaid sequence diagram. */
#ifndef TEST_SCENARIO_DRAW_H
#define TEST_SCENARIO_DRAW_H

#include <stdio.h>

#include "scenario/scenario.h"

void draw_scenario(FILE *out, const struct scenario *scenario, enum modes mode);

#endif
