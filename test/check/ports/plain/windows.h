/* SPDX-License-Identifier: MIT */
/* A port's windows.h: all it needs is in winhttp.h. */
#ifndef PORT_WINDOWS_H
#define PORT_WINDOWS_H

#include <winhttp.h>

#endif
