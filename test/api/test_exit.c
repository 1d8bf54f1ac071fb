/* SPDX-License-Identifier: MIT */
/*
 * A program that ends while the library is at work ends at once, without a crash. Each scenario runs
 * in a process of its own: this program, started again with the scenario's name and a port.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};
static const struct server_step silent[] = {{EXPECT}, {END}};

/* ---- Inside the process that ends ---- */

static HINTERNET open_request(uint16_t port, DWORD flags)
{
    HINTERNET session = WinHttpOpen(L"exit", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    HINTERNET connect = WinHttpConnect(session, L"127.0.0.1", port, 0);
    return WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
}

static int open_handles(uint16_t port)
{
    return open_request(port, 0) && open_request(port, WINHTTP_FLAG_ASYNC) ? 0 : 1;
}

static int async_in_flight(uint16_t port)
{
    return WinHttpSendRequest(open_request(port, WINHTTP_FLAG_ASYNC), NULL, 0, NULL, 0, 0, 0) ? 0
                                                                                              : 1;
}

static int async_waiting(uint16_t port)
{
    HINTERNET request = open_request(port, WINHTTP_FLAG_ASYNC);
    return WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
                   WinHttpReceiveResponse(request, NULL)
               ? 0
               : 1;
}

static void *wait_for_ever(void *request)
{
    WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    WinHttpReceiveResponse(request, NULL);
    return NULL;
}

static int sync_waiting(uint16_t port)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, wait_for_ever, open_request(port, 0));
}

static int parked_connection(uint16_t port)
{
    char buffer[16];
    DWORD got = 0;
    HINTERNET request = open_request(port, 0);
    return WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
                   WinHttpReceiveResponse(request, NULL) &&
                   WinHttpReadData(request, buffer, sizeof(buffer), &got) && got == 5 &&
                   WinHttpCloseHandle(request)
               ? 0
               : 1;
}

static int closed_in_flight(uint16_t port)
{
    HINTERNET request = open_request(port, WINHTTP_FLAG_ASYNC);
    return WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) && WinHttpCloseHandle(request) ? 0
                                                                                              : 1;
}

static const struct {
    const char *name;
    int (*run)(uint16_t port);
    const struct server_step *script;
} scenarios[] = {
    {"open_handles", open_handles, hello},         {"async_in_flight", async_in_flight, hello},
    {"async_in_silence", async_in_flight, silent}, {"async_waiting", async_waiting, silent},
    {"sync_waiting", sync_waiting, silent},        {"parked_connection", parked_connection, hello},
    {"closed_in_flight", closed_in_flight, hello}, {"closed_in_silence", closed_in_flight, silent},
};

static int run_scenario(const char *name, const char *port)
{
    for (size_t i = 0; i < COUNT(scenarios); i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            return scenarios[i].run((uint16_t)strtoul(port, NULL, 10));
        }
    }
    return 2;
}

/* ---- The tests ---- */

static const char *program;

/* How the process has ended. What it leaves open is meant to be, so nobody looks for leaks. */
static int run_process(const char *name, uint16_t port)
{
    char text[16];
    int status = -1;
    snprintf(text, sizeof(text), "%u", port);
    pid_t pid = fork();
    if (pid == 0) {
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        alarm(PATIENCE_SECONDS);
        execl(program, program, "--run", name, text, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void programs_end_at_any_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenarios) * 5; i++) {
        struct server *server = server_start(scenarios[i / 5].script);
        int status = run_process(scenarios[i / 5].name, server_port(server));
        server_stop(server);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fail_msg("%s: wait status %x", scenarios[i / 5].name, (unsigned)status);
        }
    }
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(programs_end_at_any_time),
};

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--run") == 0) {
        return run_scenario(argv[2], argv[3]);
    }
    program = argv[0];
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
