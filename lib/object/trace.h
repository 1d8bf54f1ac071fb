/* SPDX-License-Identifier: MIT */
/* What the trace shows of objects and their notices. Only while there is a trace. Any thread. */
#ifndef WH_OBJECT_TRACE_H
#define WH_OBJECT_TRACE_H

struct wh_delivery;
struct wh_notice;
struct wh_object;

/* Names the track of an object that has got its handle. */
void wh_object_trace_name(struct wh_object *object);
/* An instant on the object's track, whether the application wants to hear of it or not. */
void wh_object_trace_notice(struct wh_object *object, const struct wh_notice *notice);
/* Begins a span on the calling thread's track: the application is being called. */
void wh_object_trace_delivery(const struct wh_delivery *delivery);

#endif
