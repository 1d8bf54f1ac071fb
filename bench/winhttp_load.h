/* SPDX-License-Identifier: MIT */
/* What the programs for this library share: a session, a connect, and requests made of the arguments. */
#ifndef BENCH_WINHTTP_LOAD_H
#define BENCH_WINHTTP_LOAD_H

#include <winhttp.h>

#include "load.h"

/* With a callback asynchronous, told of what `notifications` has. Ends the program if there is none. */
HINTERNET winhttp_connect(WINHTTP_STATUS_CALLBACK callback, DWORD notifications);
void winhttp_disconnect(HINTERNET connect);

/* Of the arguments' path. Ends the program if there is none. */
HINTERNET winhttp_request(HINTERNET connect, const WCHAR *verb);

/* Ends the program unless the response tells of success. */
void winhttp_check_status(HINTERNET request);

_Noreturn void winhttp_fail(const char *what);

#endif
