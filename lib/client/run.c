/* SPDX-License-Identifier: MIT */
/*
 * A synchronous call borrows a loop and steps the exchange on its own thread until its operation has
 * ended, telling the application in between. An asynchronous call leaves the operation to the
 * request's loop, except for what can be completed without waiting: that it completes inline.
 *
 * Nobody steps while the application has undelivered notices; whoever delivers the last one sees to
 * it that the request is run again (wh_run_drained).
 */
#include "client/run.h"

#include <limits.h>

#include "base/error.h"
#include "client/prepare.h"
#include "client/request.h"

/* Inline completions inside completions; beyond, the loop completes and the stack unwinds. */
enum { MAX_DEPTH = 4, MAX_NESTING = 16 };
/* How long a call waits for a callback on another thread that has all but returned. */
enum { TURN_MS = 5 };
#define FOR_EVER UINT_MAX

static void begin_receive(struct wh_request *request)
{
    wh_exchange_begin(request->exchange, &(struct wh_op){.api = API_RECEIVE_RESPONSE});
    wh_object_notify_status(&request->object, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE);
}

/* --- ending --------------------------------------------------------------------------------- */

/* Under the step lock. After this nothing is notified any more. */
static void say_last(struct wh_request *request)
{
    if (!request->has_said_last) {
        request->has_said_last = true;
        wh_object_notify_status(&request->object, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
    }
}

/* Under the step lock, the loop held. Lets go of the network. */
static void end_request(struct wh_request *request)
{
    if (request->exchange) {
        wh_exchange_abandon(request->exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    }
    if (request->is_receive_queued) {
        request->is_receive_queued = false;
        wh_object_notify_error(&request->object, API_RECEIVE_RESPONSE,
                               ERROR_WINHTTP_OPERATION_CANCELLED, 0);
    }
    wh_task_detach(&request->task);
    request->has_ended = true;
    say_last(request);
}

/*
 * The handle is gone. Without an operation pending the application is told at once, so that handles
 * closed one after another say so in that order (A18). A pending one is ended by whoever runs it, and
 * so is the network's part on a loop.
 */
void wh_run_close(struct wh_object *object)
{
    struct wh_request *request = wh_request_of(object);
    pthread_mutex_lock(&request->step);
    request->is_closing = true;
    bool is_idle = !wh_request_is_busy(request);
    bool is_heard = is_idle && !wh_object_is_busy(object) && wh_object_claim(object);
    if (is_idle) {
        say_last(request);
    }
    bool has_loop = request->task.loop;
    if (has_loop) {
        wh_task_post(&request->task);
    } else if (!request->is_running) {
        end_request(request);
    }
    pthread_mutex_unlock(&request->step);
    if (is_heard) {
        wh_object_release(object);
    } else if (!has_loop && !wh_object_depth(object)) {
        wh_object_deliver(object); /* whoever was at it may have missed the last one */
    }
}

/* --- asynchronous --------------------------------------------------------------------------- */

/* Under the step lock. The call that waited for SendRequest to end is taken up. */
static void take_up_queued(struct wh_request *request)
{
    struct wh_exchange *exchange = request->exchange;
    if (!request->is_receive_queued || exchange->op.api ||
        wh_object_has_notices(&request->object)) {
        return;
    }
    request->is_receive_queued = false;
    if (wh_exchange_accepts(exchange, API_RECEIVE_RESPONSE)) {
        begin_receive(request);
        wh_exchange_run(exchange, true);
    } else {
        wh_object_notify_error(&request->object, API_RECEIVE_RESPONSE,
                               ERROR_WINHTTP_INCORRECT_HANDLE_STATE, 0);
    }
}

/* Under the step lock, the loop held. */
static void run_in_loop(struct wh_request *request)
{
    if (request->is_closing) {
        if (!request->has_ended) {
            end_request(request);
        }
        return;
    }
    if (wh_object_is_busy(&request->object)) {
        /* Nothing is waited for until the application has heard everything. */
        wh_task_clear_wants(&request->task);
        request->task.deadline_ms = 0;
    } else {
        wh_exchange_resume(request->exchange);
        wh_exchange_run(request->exchange, true);
        take_up_queued(request);
        if (request->exchange->turn.wants_another) {
            wh_task_post(&request->task);
        }
    }
    wh_task_settle(&request->task);
}

/* The loop's thread. */
static void on_task(struct wh_task *task)
{
    struct wh_request *request = WH_CONTAINER_OF(task, struct wh_request, task);
    struct wh_loop *loop = task->loop;
    pthread_mutex_lock(&request->step);
    bool had_ended = request->has_ended;
    run_in_loop(request);
    bool has_just_ended = request->has_ended && !had_ended;
    if (wh_object_has_notices(&request->object)) {
        wh_object_ref(&request->object); /* the errand's */
        if (!wh_loop_add_errand(loop, &request->errand)) {
            wh_object_unref(&request->object);
        }
    }
    pthread_mutex_unlock(&request->step);
    if (has_just_ended) {
        wh_object_unref(&request->object); /* the loop's */
    }
}

static void on_errand(struct wh_errand *errand)
{
    struct wh_request *request = WH_CONTAINER_OF(errand, struct wh_request, errand);
    wh_object_deliver(&request->object);
    wh_object_unref(&request->object);
}

/* Under the step lock. Something is left to do for the loop. */
static bool wants_loop(const struct wh_request *request)
{
    const struct wh_exchange *exchange = wh_request_exchange(request);
    return request->task.loop &&
           (wh_exchange_is_pending(exchange) || request->is_closing || request->is_receive_queued ||
            (exchange->state == WH_EXCHANGE_DONE && exchange->leg.conn));
}

void wh_run_drained(struct wh_object *object)
{
    struct wh_request *request = wh_request_of(object);
    if (!object->is_async) {
        return;
    }
    pthread_mutex_lock(&request->step);
    if (request->exchange) {
        wh_exchange_restart_limit(request->exchange);
    }
    if (wants_loop(request)) {
        wh_task_post(&request->task);
    }
    pthread_mutex_unlock(&request->step);
}

/* Under the step lock. The request is bound to its loop for the rest of its life. */
static int bind_loop(struct wh_request *request)
{
    struct wh_loop *loop;
    if (request->task.loop) {
        return 0;
    }
    int error = wh_loop_assign(&loop);
    if (!error) {
        wh_object_ref(&request->object); /* the loop's, until the request has ended */
        wh_task_attach(&request->task, loop);
    }
    return error;
}

/*
 * Under the step lock, claimed. Goes on with the operation here as far as that needs no waiting; what
 * is left goes to the loop when the claim ends.
 */
static void run_inline(struct wh_request *request)
{
    struct wh_loop *loop = request->task.loop;
    if (wh_loop_enter(loop)) {
        wh_exchange_run(request->exchange, true);
        wh_task_settle(&request->task);
        wh_loop_leave(loop);
        return;
    }
    wh_exchange_run(request->exchange, false);
}

/*
 * Under the step lock. Whether this thread may step now: nobody else is being told anything. Then it
 * is the one that delivers what comes of it, until wh_object_release.
 */
static bool claim_inline(struct wh_request *request)
{
    return wh_object_depth(&request->object) < MAX_DEPTH && wh_object_nesting() < MAX_NESTING &&
           wh_object_claim(&request->object);
}

/* Under the step lock, which is let go while the application is told. */
static void release_inline(struct wh_request *request)
{
    pthread_mutex_unlock(&request->step);
    wh_object_release(&request->object);
    pthread_mutex_lock(&request->step);
}

/*
 * 0 when the operation has ended inside the call, else ERROR_IO_PENDING. The application's count is
 * written before anybody can have been told of the end: it may be gone afterwards.
 */
static int start_async(struct wh_request *request, const struct wh_op *op, uint32_t *count)
{
    uint32_t unused;
    count = count ? count : &unused;
    *count = 0;
    wh_exchange_begin(request->exchange, op);
    if (!claim_inline(request)) {
        wh_task_post(&request->task);
        return ERROR_IO_PENDING;
    }
    run_inline(request);
    bool has_ended = !request->exchange->op.api;
    *count = has_ended ? request->exchange->outcome.count : 0;
    release_inline(request);
    return has_ended ? 0 : ERROR_IO_PENDING;
}

/* C14, C15: accepted, and failed inside the call, or after the callbacks that are deep enough. */
static void refuse_receive(struct wh_request *request)
{
    bool is_deep = wh_object_depth(&request->object) >= MAX_DEPTH;
    wh_object_notify_error(&request->object, API_RECEIVE_RESPONSE,
                           ERROR_WINHTTP_INCORRECT_HANDLE_STATE, 0);
    if (!is_deep) {
        pthread_mutex_unlock(&request->step);
        wh_object_deliver(&request->object); /* or another thread does that is at it */
        pthread_mutex_lock(&request->step);
    }
}

/* The claim is held. When the application has heard RECEIVING_RESPONSE, the head may be there. */
static void receive_inline(struct wh_request *request)
{
    begin_receive(request);
    pthread_mutex_unlock(&request->step);
    wh_object_deliver(&request->object);
    pthread_mutex_lock(&request->step);
    if (request->exchange->op.api == API_RECEIVE_RESPONSE && !request->is_closing) {
        run_inline(request);
    }
    release_inline(request);
}

/*
 * Under the step lock. Why ReceiveResponse cannot be accepted, or 0; a wrong state is no matter. An
 * operation is over when the application has been told so; of SendRequest it need not have been.
 */
static int check_receive(struct wh_request *request)
{
    if (request->is_closing) {
        return ERROR_INVALID_HANDLE;
    }
    const struct wh_exchange *exchange = wh_request_exchange(request);
    bool is_sending = exchange->op.api == API_SEND_REQUEST;
    bool is_taken = request->is_receive_queued ||
                    wh_object_has_completion(&request->object, API_SEND_REQUEST) ||
                    (wh_exchange_is_pending(exchange) && !is_sending);
    return is_taken ? ERROR_INVALID_OPERATION : 0;
}

static int queue_receive(struct wh_request *request)
{
    request->is_receive_queued = true;
    wh_task_post(&request->task);
    return 0;
}

static int receive_async(struct wh_request *request)
{
    int error = check_receive(request);
    if (error) {
        return error;
    }
    if (wh_request_exchange(request)->op.api) {
        return queue_receive(request);
    }
    pthread_mutex_unlock(&request->step);
    wh_object_await_turn(&request->object, TURN_MS);
    pthread_mutex_lock(&request->step);
    error = check_receive(request);
    if (error) {
        return error;
    }
    const struct wh_exchange *exchange = wh_request_exchange(request);
    if (!exchange->op.api && !wh_exchange_accepts(exchange, API_RECEIVE_RESPONSE)) {
        refuse_receive(request);
        return 0;
    }
    if (exchange->op.api || !claim_inline(request)) {
        return queue_receive(request);
    }
    receive_inline(request);
    return 0;
}

/* --- synchronous ---------------------------------------------------------------------------- */

/*
 * Takes the step lock for a call. What comes of a synchronous one is told on its thread (C2), so that
 * another one should be done with what it is telling: that the handle has been created.
 */
static void enter(struct wh_request *request)
{
    if (!request->object.is_async) {
        wh_object_await_turn(&request->object, TURN_MS);
    }
    pthread_mutex_lock(&request->step);
}

/*
 * Under the step lock, which is let go while the application is told. False when nothing was. If
 * another thread is still at it, that one tells the rest as well, and is waited for.
 */
static bool tell(struct wh_request *request, unsigned limit_ms)
{
    if (!wh_object_has_notices(&request->object)) {
        return false;
    }
    pthread_mutex_unlock(&request->step);
    wh_object_deliver(&request->object);
    wh_object_await_turn(&request->object, limit_ms);
    pthread_mutex_lock(&request->step);
    return true;
}

/* Under the step lock, which is let go during waits. */
static void run_to_end(struct wh_request *request)
{
    struct wh_exchange *exchange = request->exchange;
    while (exchange->op.api && !request->is_closing) {
        wh_exchange_run(exchange, true);
        if (!tell(request, FOR_EVER) && exchange->op.api) {
            bool must_wait = !exchange->turn.wants_another;
            pthread_mutex_unlock(&request->step);
            if (must_wait) {
                wh_loop_wait(request->task.loop, &request->task);
            }
            pthread_mutex_lock(&request->step);
        }
    }
}

/* Under the step lock. The operation has been begun; the loop is given back. */
static int run_sync(struct wh_request *request, struct wh_loop *loop, uint32_t *count)
{
    request->is_running = true;
    wh_task_attach(&request->task, loop);
    do {
        run_to_end(request);
    } while (!request->is_closing && wh_exchange_resume(request->exchange));
    bool is_cancelled = wh_exchange_is_pending(request->exchange);
    struct wh_outcome outcome = request->exchange->outcome;
    if (request->is_closing) {
        end_request(request);
    } else {
        wh_task_detach(&request->task);
    }
    request->is_running = false;
    wh_loop_give_back(loop);
    tell(request, TURN_MS);
    if (is_cancelled) {
        return ERROR_WINHTTP_OPERATION_CANCELLED;
    }
    if (!outcome.error && count) {
        *count = outcome.count;
    }
    wh_error_caused(outcome.error, outcome.cause);
    return outcome.error;
}

/* --- operations ----------------------------------------------------------------------------- */

/* A synchronous request has one thread at a time, which is the one in the callback. */
static bool may_nest(struct wh_request *request, uint32_t api)
{
    return wh_exchange_nests(wh_request_exchange(request), api) &&
           (request->object.is_async || wh_object_depth(&request->object));
}

/* Under the step lock. Why an operation cannot be accepted now, or 0. */
static int check(struct wh_request *request, const struct wh_op *op)
{
    const struct wh_exchange *exchange = wh_request_exchange(request);
    if (request->is_closing) {
        return ERROR_INVALID_HANDLE;
    }
    bool is_busy = wh_request_is_busy(request);
    if ((is_busy && !may_nest(request, op->api)) || wh_object_has_completion(&request->object, 0)) {
        return op->api == API_SEND_REQUEST ? ERROR_WINHTTP_INCORRECT_HANDLE_STATE
                                           : ERROR_INVALID_OPERATION;
    }
    bool is_sending = exchange->state >= WH_EXCHANGE_SEND_BODY &&
                      exchange->state != WH_EXCHANGE_FAILED && !exchange->so_far.has_response;
    if (op->api == API_WRITE_DATA && is_sending && op->len > exchange->body.expected) {
        return ERROR_INVALID_PARAMETER;
    }
    return wh_exchange_accepts(exchange, op->api) ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
}

/* Under the step lock. A call from inside a callback of another one. */
static int run_nested(struct wh_request *request, const struct wh_op *op, uint32_t *count)
{
    wh_exchange_begin(request->exchange, op);
    run_to_end(request);
    if (request->exchange->op.api) {
        return ERROR_WINHTTP_OPERATION_CANCELLED;
    }
    if (!request->exchange->outcome.error && count) {
        *count = request->exchange->outcome.count;
    }
    return request->exchange->outcome.error;
}

/* Under the step lock. The loop is borrowed first: nothing has happened yet if there is none. */
static int start_sync(struct wh_request *request, const struct wh_op *op, uint32_t *count)
{
    if (request->is_running) {
        return run_nested(request, op, count);
    }
    struct wh_loop *loop;
    int error = wh_loop_borrow(&loop);
    if (error) {
        return error;
    }
    if (op->api == API_RECEIVE_RESPONSE) {
        begin_receive(request);
    } else {
        wh_exchange_begin(request->exchange, op);
    }
    return run_sync(request, loop, count);
}

static int submit(struct wh_request *request, const struct wh_op *op, uint32_t *count)
{
    enter(request);
    int error = check(request, op);
    if (!error) {
        error = request->object.is_async ? start_async(request, op, count)
                                         : start_sync(request, op, count);
    }
    pthread_mutex_unlock(&request->step);
    return error;
}

/* Under the step lock. */
static int send_sync(struct wh_request *request, const struct wh_send *send)
{
    struct wh_loop *loop;
    int error = wh_loop_borrow(&loop);
    if (error) {
        return error;
    }
    error = wh_request_prepare(request, send);
    if (error) {
        wh_loop_give_back(loop);
        return error;
    }
    return run_sync(request, loop, NULL);
}

/* Under the step lock. */
static int send_async(struct wh_request *request, const struct wh_send *send)
{
    int error = bind_loop(request);
    if (!error) {
        error = wh_request_prepare(request, send);
    }
    if (error) {
        return error;
    }
    wh_task_post(&request->task);
    return ERROR_IO_PENDING;
}

int wh_request_send(struct wh_request *request, const struct wh_send *send)
{
    enter(request);
    int error = check(request, &(struct wh_op){.api = API_SEND_REQUEST});
    if (!error) {
        error = request->object.is_async ? send_async(request, send) : send_sync(request, send);
    }
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_receive(struct wh_request *request)
{
    if (!request->object.is_async) {
        return submit(request, &(struct wh_op){.api = API_RECEIVE_RESPONSE}, NULL);
    }
    pthread_mutex_lock(&request->step);
    int error = receive_async(request);
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_write(struct wh_request *request, const void *data, uint32_t len, uint32_t *count)
{
    return submit(request, &(struct wh_op){.api = API_WRITE_DATA, .data = data, .len = len}, count);
}

int wh_request_read(struct wh_request *request, void *buf, uint32_t len, uint32_t *count)
{
    return submit(request, &(struct wh_op){.api = API_READ_DATA, .buf = buf, .len = len}, count);
}

int wh_request_fill(struct wh_request *request, void *buf, uint32_t len, uint32_t *count)
{
    return submit(request,
                  &(struct wh_op){.api = API_READ_DATA, .buf = buf, .len = len, .fills = true},
                  count);
}

int wh_request_query_available(struct wh_request *request, uint32_t *count)
{
    return submit(request, &(struct wh_op){.api = API_QUERY_DATA_AVAILABLE}, count);
}

void wh_run_init(struct wh_request *request)
{
    wh_task_init(&request->task, on_task);
    wh_errand_init(&request->errand, on_errand);
}
