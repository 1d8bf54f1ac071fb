/* SPDX-License-Identifier: MIT */
/* From SendRequest to an exchange that can be run. */
#ifndef WH_CLIENT_PREPARE_H
#define WH_CLIENT_PREPARE_H

struct wh_request;
struct wh_send;

/*
 * Completes the question with what the send, the session and the settings say, and starts the
 * exchange. Under the step lock. A send that is refused has changed nothing: see wh_question_complete.
 */
int wh_request_prepare(struct wh_request *request, const struct wh_send *send);

#endif
