/* SPDX-License-Identifier: MIT */
/* Every table, in the order of the documentation. */
#include "scenario/tables.h"

const struct scenario_list scenario_lists[] = {
    {"From the first call to the last", get_scenarios},
    {"Calls out of order", order_scenarios},
    {"Bodies", body_scenarios},
    {"Connections", reuse_scenarios},
    {"Redirects", redirect_scenarios},
    {"Uploads", upload_scenarios},
    {"Failures", failure_scenarios},
    {"TLS", tls_scenarios},
    {"Closing handles", close_scenarios},
    {"Callbacks", callback_scenarios},
    {0},
};
