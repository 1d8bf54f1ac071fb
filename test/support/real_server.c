/* SPDX-License-Identifier: MIT */
/*
 * Starts a launcher, which does the work, and reads what it has to tell: see real_server.py. It lives
 * until the pipe to its standard input is closed.
 */
#include "real_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void use(const struct real_server_field *field, const char *value)
{
    if (field->port) {
        *field->port = (uint16_t)strtoul(value, NULL, 10);
    } else if (strlen(value) < field->size) {
        memcpy(field->text, value, strlen(value) + 1);
    }
}

/* 1 once the launcher has said that the server is ready. */
static int read_report(FILE *report, const struct real_server_field *fields, size_t count)
{
    char line[512];
    while (fgets(line, sizeof(line), report)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "ready") == 0) {
            return 1;
        }
        char *value = line + strcspn(line, " ");
        value += *value ? 1 : 0;
        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(fields[i].name);
            if (strncmp(line, fields[i].name, len) == 0 && line + len + 1 == value) {
                use(&fields[i], value);
            }
        }
    }
    return 0;
}

static void run_launcher(const char *launcher, int input, int output)
{
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execl(launcher, launcher, (char *)NULL);
    perror(launcher);
    _exit(127);
}

static void make_pipe(int ends[2])
{
    if (pipe(ends)) {
        perror("real_server_start");
        abort();
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

int real_server_start(struct real_server *server, const char *launcher,
                      const struct real_server_field *fields, size_t count)
{
    int input[2];
    int output[2];
    make_pipe(input);
    make_pipe(output);
    server->pid = fork();
    if (server->pid == 0) {
        run_launcher(launcher, input[0], output[1]);
    }
    close(input[0]);
    close(output[1]);
    server->keep_alive_fd = input[1];
    FILE *report = fdopen(output[0], "r");
    int is_ready = server->pid > 0 && report && read_report(report, fields, count);
    if (report) {
        fclose(report);
    }
    if (!is_ready) {
        real_server_stop(server);
    }
    return is_ready;
}

void real_server_stop(struct real_server *server)
{
    close(server->keep_alive_fd);
    if (server->pid > 0) {
        waitpid(server->pid, NULL, 0);
    }
}
