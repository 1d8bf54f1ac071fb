/* SPDX-License-Identifier: MIT */
/* The callbacks: what an application may come up with inside of them. */
#ifndef TEST_STRESS_BEHAVE_H
#define TEST_STRESS_BEHAVE_H

#include <winhttp.h>

/* They do the same; two, so that a callback can be exchanged for another one. */
void CALLBACK behave_a(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info, DWORD len);
void CALLBACK behave_b(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info, DWORD len);

#endif
