/* SPDX-License-Identifier: MIT */
/*
 * Starts nginx.py, which does the work, and reads what it has to tell. The launcher lives until the
 * pipe to its standard input is closed.
 */
#include "nginx.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAUNCHER TEST_SUPPORT_DIR "/nginx.py"

static void use_text(char *field, size_t size, const char *value)
{
    if (strlen(value) < size) {
        memcpy(field, value, strlen(value) + 1);
    }
}

static void use(struct nginx_server *server, const char *name, const char *value)
{
    const struct {
        const char *name;
        uint16_t *port;
    } ports[] = {
        {"http", &server->http_port},
        {"https", &server->https_port},
        {"expired", &server->expired_port},
        {"wrong_name", &server->wrong_name_port},
        {"unknown_ca", &server->unknown_ca_port},
        {"self_signed", &server->self_signed_port},
    };
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        if (strcmp(name, ports[i].name) == 0) {
            *ports[i].port = (uint16_t)strtoul(value, NULL, 10);
        }
    }
    if (strcmp(name, "root") == 0) {
        use_text(server->root, sizeof(server->root), value);
    } else if (strcmp(name, "files") == 0) {
        use_text(server->files, sizeof(server->files), value);
    } else if (strcmp(name, "ca_file") == 0) {
        use_text(server->ca_file, sizeof(server->ca_file), value);
    }
}

/* 1 once the launcher has said that the server is ready. */
static int read_report(struct nginx_server *server, FILE *report)
{
    char line[512];
    while (fgets(line, sizeof(line), report)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "ready") == 0) {
            return 1;
        }
        char *blank = strchr(line, ' ');
        if (blank) {
            *blank = '\0';
            use(server, line, blank + 1);
        }
    }
    return 0;
}

static void run_launcher(int input, int output)
{
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execl(LAUNCHER, LAUNCHER, (char *)NULL);
    perror(LAUNCHER);
    _exit(127);
}

static int make_pipe(int ends[2])
{
    if (pipe(ends)) {
        return -1;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

struct nginx_server *nginx_start(void)
{
    struct nginx_server *server = calloc(1, sizeof(*server));
    int input[2];
    int output[2];
    if (!server || make_pipe(input) || make_pipe(output)) {
        perror("nginx_start");
        abort();
    }
    server->pid = fork();
    if (server->pid == 0) {
        run_launcher(input[0], output[1]);
    }
    close(input[0]);
    close(output[1]);
    server->keep_alive_fd = input[1];
    FILE *report = fdopen(output[0], "r");
    int is_ready = server->pid > 0 && report && read_report(server, report);
    if (report) {
        fclose(report);
    }
    if (!is_ready) {
        nginx_stop(server);
        return NULL;
    }
    return server;
}

void nginx_stop(struct nginx_server *server)
{
    if (!server) {
        return;
    }
    close(server->keep_alive_fd);
    if (server->pid > 0) {
        waitpid(server->pid, NULL, 0);
    }
    free(server);
}

struct nginx_server *nginx;

int nginx_begin(void **state)
{
    (void)state;
    nginx = nginx_start();
    if (!nginx || unsetenv("SSL_CERT_DIR")) {
        return -1;
    }
    return setenv("SSL_CERT_FILE", nginx->ca_file, 1);
}

int nginx_end(void **state)
{
    (void)state;
    nginx_stop(nginx);
    return 0;
}
