#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static const struct {
    const char *name;
    role_fn *run;
} roles[] = {
    {"throughput-recv", throughput_recv}, {"throughput-send", throughput_send},
    {"throughput-inproc", throughput_inproc}, {"latency-rep", latency_rep},
    {"latency-req", latency_req}, {"latency-inproc", latency_inproc},
    {"fanout-pub", fanout_pub}, {"fanin-pull", fanin_pull},
    {"curve-recv", curve_recv}, {"curve-send", curve_send},
    {"topics-pub", topics_pub},
    {"router-idle", router_idle}, {"router-open", router_half_open},
};

int64_t now_ns (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

long warm_up (const job_t *job)
{
    return job->n / 10 + 1;
}

void check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, zmq_strerror (zmq_errno ()));
    exit (1);
}

void *open_socket (void *context, int type)
{
    void *s = zmq_socket (context, type);
    check (s != NULL, "socket");
    return s;
}

void say_ready (void *socket)
{
    char endpoint[256];
    size_t len = sizeof endpoint;
    check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &len) == 0, "last endpoint");
    printf ("READY %s\n", endpoint);
    fflush (stdout);
}

void say_ready_key (void *socket, const char *key)
{
    char endpoint[256];
    size_t len = sizeof endpoint;
    check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &len) == 0, "last endpoint");
    printf ("READY %s|%s\n", endpoint, key);
    fflush (stdout);
}

void say_rate (const job_t *job, int64_t ns)
{
    printf ("RESULT n=%ld ns=%lld all=%ld\n", job->n, (long long) ns, job->n + warm_up (job));
    fflush (stdout);
}

static int by_size (const void *a, const void *b)
{
    const int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return (x > y) - (x < y);
}

void say_latency (const job_t *job, int64_t *samples, int64_t ns)
{
    const long n = job->n;
    qsort (samples, n, sizeof *samples, by_size);
    printf ("RESULT n=%ld ns=%lld all=%ld p50=%lld p90=%lld p99=%lld p999=%lld\n", n, (long long) ns,
            n + warm_up (job), (long long) samples[n / 2], (long long) samples[n * 9 / 10],
            (long long) samples[n * 99 / 100], (long long) samples[n * 999 / 1000]);
    fflush (stdout);
}

void hold (void)
{
    char buf[64];
    while (read (0, buf, sizeof buf) > 0)
        ;
}

static int version (void)
{
    int major, minor, patch;
    zmq_version (&major, &minor, &patch);
    printf ("%d.%d.%d\n", major, minor, patch);
    return 0;
}

/* As many open files as this process may have: Go does the same by itself. */
static void raise_files (void)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit (RLIMIT_NOFILE, &files);
    }
}

int main (int argc, char **argv)
{
    raise_files ();
    if (argc == 2 && strcmp (argv[1], "version") == 0)
        return version ();
    if (argc != 6) {
        fprintf (stderr, "usage: %s ROLE ENDPOINT SIZE N PEERS\n", argv[0]);
        return 2;
    }
    const job_t job = {argv[2], strtoul (argv[3], NULL, 10), atol (argv[4]), atoi (argv[5])};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp (roles[i].name, argv[1]) == 0) {
            roles[i].run (&job);
            return 0;
        }
    fprintf (stderr, "no such role: %s\n", argv[1]);
    return 2;
}
